// I32: redefines tick in the middle of a tick
import { attack } from '../attack.ts'

export default attack({
  tick: `globalThis.tick = null
    Object.defineProperty(globalThis, 'setup', { configurable: true, get() { for (;;); } })
    try {
      tick = () => { throw 1 }
    } catch (error) {
      state.found = error.name
    }`,
  ends: 'nothing',
  found: 'TypeError',
})
