// I47: recursion without end, with a stack trace that may be as long as it likes
import { attack } from '../attack.ts'

export default attack({
  action: `Error.stackTraceLimit = Infinity
    const deeper = () => deeper()
    deeper()`,
  ends: 'action',
  why: 'RangeError: Maximum call stack size exceeded',
})
