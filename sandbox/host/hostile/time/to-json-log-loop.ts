// I04: logs an object whose toJSON never returns
import { attack, TOO_LONG } from '../attack.ts'

export default attack({
  action: 'room.log({ toJSON() { for (;;); } })',
  ends: 'room',
  says: TOO_LONG,
})
