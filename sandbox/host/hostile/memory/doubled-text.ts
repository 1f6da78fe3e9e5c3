// I16: a text that doubles without end
import { attack } from '../attack.ts'

export default attack({
  action: `let text = 'x'
    for (;;) text += text`,
  ends: 'action',
  why: 'RangeError: Invalid string length',
})
