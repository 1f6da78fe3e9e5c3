// I05: throws a proxy that never tells what it has
import { attack, TOO_LONG } from '../attack.ts'

export default attack({
  action: 'throw new Proxy(new Error(), { get() { for (;;); } })',
  ends: 'room',
  says: TOO_LONG,
})
