// I41: timers
import { attack } from '../attack.ts'

export default attack({
  action: 'state.found = [typeof setTimeout, typeof setInterval, typeof setImmediate, typeof queueMicrotask]',
  ends: 'nothing',
  found: ['undefined', 'undefined', 'undefined', 'undefined'],
})
