// I30: classes of list, promise and expression that lie about what they make
import { attack } from '../attack.ts'

export default attack({
  action: `for (const known of [Array, Promise, RegExp]) {
      Object.defineProperty(known, Symbol.species, { get: () => function () { return new Proxy([], {}) } })
      Object.defineProperty(known, Symbol.hasInstance, { value: () => true, configurable: true })
    }`,
  ends: 'nothing',
  found: null,
})
