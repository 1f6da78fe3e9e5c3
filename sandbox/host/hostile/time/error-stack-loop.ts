// I05: throws an error whose stack is a getter that never returns
import { attack, TOO_LONG } from '../attack.ts'

export default attack({
  action: 'throw Object.defineProperty(new Error("x"), "stack", { get() { for (;;); } })',
  ends: 'room',
  says: TOO_LONG,
})
