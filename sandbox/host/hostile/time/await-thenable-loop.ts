// I10: awaits something whose then never returns
import { attack, TOO_LONG } from '../attack.ts'

export default attack({
  action: 'void (async () => { await { then() { for (;;); } } })()',
  ends: 'room',
  says: TOO_LONG,
})
