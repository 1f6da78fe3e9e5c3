// I43: messages of a megabyte, more than a frame may say
import { attack } from '../attack.ts'

export default attack({
  action: "for (let i = 0; i < 8; i++) room.broadcast('x'.repeat(900_000))",
  ends: 'frame',
  says: 'the room sent more than 4194304 characters in one frame',
})
