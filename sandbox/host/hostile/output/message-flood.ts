// I43: a million messages in one frame
import { attack } from '../attack.ts'

export default attack({
  action: 'for (let i = 0; i < 1_000_000; i++) room.broadcast(i)',
  ends: 'action',
  why: 'room.broadcast: more than 1000 messages in one frame',
})
