// I45: a state with which the module's own functions throw from then on, after every load too
import { attack } from '../attack.ts'

export default attack({
  action: 'state.bad = true',
  tick: "if (state.bad) throw new Error('for ever')",
  ends: 'frame',
  says: 'for ever',
})
