// I04: names a player by an object that never becomes a text
import { attack, TOO_LONG } from '../attack.ts'

export default attack({
  action: 'room.send({ id: { [Symbol.toPrimitive]() { for (;;); } } }, 1)',
  ends: 'room',
  says: TOO_LONG,
})
