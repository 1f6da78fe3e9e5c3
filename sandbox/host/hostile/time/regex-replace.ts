// I12: a regular expression that takes for ever in replace
import { attack, TOO_LONG } from '../attack.ts'

export default attack({
  action: "'a'.repeat(100_000).replace(/a*a*a*b/g, '')",
  ends: 'room',
  says: TOO_LONG,
})
