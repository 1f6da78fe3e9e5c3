// I04: a name in the store that never becomes a text
import { attack } from '../attack.ts'

export default attack({
  action: 'room.store.set({ toString() { for (;;); } }, 1)',
  ends: 'action',
  why: 'room.store: a name must be a text of 1 to 128 characters, without control characters',
})
