// I07: throws a proxy that refuses everything
import { attack } from '../attack.ts'

export default attack({
  action: 'throw new Proxy({}, { get() { throw 1 }, getPrototypeOf() { throw 2 } })',
  ends: 'action',
  why: 'a value was thrown that cannot be shown',
})
