// I13: Array.prototype.copyWithin on something of length 2 ** 53 - 1
import { attack, NEVER_CAME_BACK } from '../attack.ts'

export default attack({
  action: 'Array.prototype.copyWithin.call({ length: 2 ** 53 - 1 }, 1, 0)',
  ends: 'host',
  says: NEVER_CAME_BACK,
})
