// I11: Array.fromAsync of a list without end
import { attack } from '../attack.ts'

export default attack({
  action: 'void Array.fromAsync({ async *[Symbol.asyncIterator]() { for (;;) yield 1 } })',
  ends: 'either',
})
