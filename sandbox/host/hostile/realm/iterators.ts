// I04: iterators of all lists never end
import { attack } from '../attack.ts'

export default attack({
  action: 'Array.prototype[Symbol.iterator] = String.prototype[Symbol.iterator] = function* () { for (;;) yield 1 }',
  ends: 'nothing',
  found: null,
})
