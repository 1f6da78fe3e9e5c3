// I47: a reviver that parses again
import { attack } from '../attack.ts'

export default attack({
  action: `const deeper = () => JSON.parse('[1]', deeper)
    deeper()`,
  ends: 'action',
  why: 'RangeError: Maximum call stack size exceeded',
})
