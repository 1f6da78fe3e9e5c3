// I44: more names in the store than it keeps
import { attack } from '../attack.ts'

export default attack({
  action: 'for (let i = 0; i <= 1_000; i++) room.store.set(String(i), 1)',
  ends: 'action',
  why: 'room.store: over the limit of 1000 names for all that this game keeps',
})
