// I01: an endless loop in tick
import { attack, TOO_LONG } from '../attack.ts'

export default attack({
  tick: 'for (;;);',
  ends: 'room',
  says: TOO_LONG,
})
