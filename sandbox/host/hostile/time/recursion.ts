// I47: recursion without end
import { attack } from '../attack.ts'

export default attack({
  action: `const deeper = () => deeper() + 1
    deeper()`,
  ends: 'action',
  why: 'RangeError: Maximum call stack size exceeded',
})
