// I36: a loop made by eval
import { attack, TOO_LONG } from '../attack.ts'

export default attack({
  action: "(0, eval)('for (;;);')",
  ends: 'room',
  says: TOO_LONG,
})
