// I03: the state holds a proxy whose keys are never told
import { attack, TOO_LONG } from '../attack.ts'

export default attack({
  action: 'state.trap = new Proxy({}, { ownKeys() { for (;;); } })',
  ends: 'room',
  says: TOO_LONG,
})
