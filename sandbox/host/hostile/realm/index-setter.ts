// I31: setters on indexes of all lists and objects, planted after the module has loaded
import { attack } from '../attack.ts'

export default attack({
  action: `for (const prototype of [Array.prototype, Object.prototype])
      for (const index of ['0', '1', '2'])
        Object.defineProperty(prototype, index, { get() { for (;;); }, set() { for (;;); }, configurable: true })
    state.found = 'planted'`,
  ends: 'nothing',
  found: 'planted',
})
