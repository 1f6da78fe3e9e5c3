// I36: a loop made by new Function
import { attack, TOO_LONG } from '../attack.ts'

export default attack({
  action: "new Function('for (;;);')()",
  ends: 'room',
  says: TOO_LONG,
})
