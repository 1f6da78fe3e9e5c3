// I10: an action that never settles
import { attack } from '../attack.ts'

export default attack({
  action: 'return new Promise(() => {})',
  ends: 'action',
  why: 'actions.attack is async, but it must finish within its frame: remove "async" and "await"',
})
