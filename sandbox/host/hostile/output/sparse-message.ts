// I23: a message of 4 billion holes
import { attack } from '../attack.ts'

export default attack({
  action: 'room.broadcast(new Array(2 ** 32 - 1))',
  ends: 'action',
  why: 'StateError: message is too large; the limit is 4194304 characters of JSON',
})
