// I01: an endless loop in an action
import { attack, TOO_LONG } from '../attack.ts'

export default attack({
  action: 'for (;;);',
  ends: 'room',
  says: TOO_LONG,
})
