// I12: a regular expression with equal alternatives that takes for ever
import { attack, TOO_LONG } from '../attack.ts'

export default attack({
  action: "/^(a|a)*$/.test('a'.repeat(40) + '!')",
  ends: 'room',
  says: TOO_LONG,
})
