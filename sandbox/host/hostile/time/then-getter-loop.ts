// I10: returns something whose then never comes
import { attack, TOO_LONG } from '../attack.ts'

export default attack({
  action: 'return { get then() { for (;;); } }',
  ends: 'room',
  says: TOO_LONG,
})
