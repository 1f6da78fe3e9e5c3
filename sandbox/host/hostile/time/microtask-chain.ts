// I09: microtasks without end
import { attack, TOO_LONG } from '../attack.ts'

export default attack({
  action: `const again = () => Promise.resolve().then(again)
    again()`,
  ends: 'room',
  says: TOO_LONG,
})
