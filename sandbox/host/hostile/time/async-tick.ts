// I10: a tick that never settles
import { attack } from '../attack.ts'

export default attack({
  tick: 'return new Promise(() => {})',
  ends: 'frame',
  says: 'tick is async, but it must finish within its frame: remove "async" and "await"',
})
