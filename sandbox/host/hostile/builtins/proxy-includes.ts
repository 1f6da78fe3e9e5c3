// I13: Array.prototype.includes on a proxy of length 2 ** 53 - 1
import { attack, TOO_LONG } from '../attack.ts'

export default attack({
  action:
    "Array.prototype.includes.call(new Proxy({}, { get: (target, key) => (key === 'length' ? 2 ** 53 - 1 : 0) }), 1)",
  ends: 'room',
  says: TOO_LONG,
})
