// I13: Array.prototype.lastIndexOf on something of length 2 ** 53 - 1
import { attack, NEVER_CAME_BACK } from '../attack.ts'

export default attack({
  action: 'Array.prototype.lastIndexOf.call({ length: 2 ** 53 - 1 }, 1)',
  ends: 'host',
  says: NEVER_CAME_BACK,
})
