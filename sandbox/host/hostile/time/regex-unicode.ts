// I12: a regular expression with letters of all scripts that takes for ever
import { attack, TOO_LONG } from '../attack.ts'

export default attack({
  action: String.raw`/^(\p{L}+)+$/u.test('ä'.repeat(40) + '!')`,
  ends: 'room',
  says: TOO_LONG,
})
