// I24: a getter in the state that gives another type each time it is asked
import { attack } from '../attack.ts'

export default attack({
  action: `let asked = 0
    const list = [1]
    Object.defineProperty(list, 0, { get: () => (asked++ % 2 ? { a: [1] } : 'text'), enumerable: true })
    state.found = 'once'
    state.list = list`,
  ends: 'nothing',
  found: 'once',
})
