// I44: more in the store than it keeps
import { attack } from '../attack.ts'

export default attack({
  action: "room.store.set('x', 'x'.repeat(10_000_000))",
  ends: 'action',
  why: 'room.store: over the limit of 65536 bytes for all that this game keeps',
})
