// I01: an endless loop in view
import { attack, TOO_LONG } from '../attack.ts'

export default attack({
  view: 'for (;;);',
  ends: 'room',
  says: TOO_LONG,
})
