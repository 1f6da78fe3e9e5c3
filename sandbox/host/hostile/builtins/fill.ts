// I13: Array.prototype.fill on something of length 2 ** 53 - 1
import { attack } from '../attack.ts'

export default attack({
  action: 'Array.prototype.fill.call({ length: 2 ** 53 - 1 }, 0)',
  ends: 'either',
})
