// I06: Error.prepareStackTrace never returns
import { attack, TOO_LONG } from '../attack.ts'

export default attack({
  action: 'Error.prepareStackTrace = () => { for (;;); }\n    throw new Error("x")',
  ends: 'room',
  says: TOO_LONG,
})
