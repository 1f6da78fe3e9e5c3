// I27: the constructors of all that a game is given
import { attack } from '../attack.ts'

export default attack({
  action:
    "state.found = [room, room.log, room.store.get, player, data, console.log, Math.random, Date, ArrayBuffer].every((thing) => thing.constructor.constructor('return typeof process')() === 'undefined')",
  data: {},
  ends: 'nothing',
  found: true,
})
