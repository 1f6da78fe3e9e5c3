// I13: sorts a typed array with a comparison that never returns
import { attack, TOO_LONG } from '../attack.ts'

export default attack({
  action: 'new Float64Array(8).sort(() => { for (;;); })',
  ends: 'room',
  says: TOO_LONG,
})
