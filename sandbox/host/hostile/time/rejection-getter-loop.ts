// I08: a rejection nobody handles, whose message never comes
import { attack, NEVER_CAME_BACK } from '../attack.ts'

export default attack({
  action: "Promise.reject(Object.defineProperty(new Error(), 'message', { get() { for (;;); } }))",
  ends: 'host',
  says: NEVER_CAME_BACK,
})
