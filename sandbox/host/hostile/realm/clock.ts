// I40: measures time within a frame
import { attack } from '../attack.ts'

export default attack({
  action: `const start = Date.now()
    for (let i = 0; i < 3e6; i++) Math.sqrt(i)
    state.found = [Date.now() - start, typeof performance, new Date().getTime() - start, typeof Temporal]`,
  ends: 'nothing',
  found: [0, 'undefined', 0, 'undefined'],
})
