// I12: a regular expression with a lookbehind that takes for ever
import { attack, TOO_LONG } from '../attack.ts'

export default attack({
  action: "/(?<=^x(a|a)*)c/.test('a'.repeat(40) + 'c')",
  ends: 'room',
  says: TOO_LONG,
})
