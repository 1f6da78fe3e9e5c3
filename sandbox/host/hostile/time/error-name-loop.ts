// I05: throws an error whose name is a getter that never returns
import { attack, TOO_LONG } from '../attack.ts'

export default attack({
  action: 'throw Object.defineProperty(new Error("x"), "name", { get() { for (;;); } })',
  ends: 'room',
  says: TOO_LONG,
})
