// I05: throws an error whose message is a getter that never returns
import { attack, TOO_LONG } from '../attack.ts'

export default attack({
  action: 'throw Object.defineProperty(new Error(), "message", { get() { for (;;); } })',
  ends: 'room',
  says: TOO_LONG,
})
