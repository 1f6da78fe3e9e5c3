// I12: a regular expression with a back reference that takes for ever
import { attack, TOO_LONG } from '../attack.ts'

export default attack({
  action: String.raw`/^(.*)*x\1$/.test('a'.repeat(40))`,
  ends: 'room',
  says: TOO_LONG,
})
