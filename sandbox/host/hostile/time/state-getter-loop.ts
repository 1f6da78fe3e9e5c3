// I03: the state has a property whose getter never returns
import { attack, TOO_LONG } from '../attack.ts'

export default attack({
  action: 'Object.defineProperty(state, "trap", { enumerable: true, get() { for (;;); } })',
  ends: 'room',
  says: TOO_LONG,
})
