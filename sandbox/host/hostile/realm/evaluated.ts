// I27: eval, to reach the process
import { attack } from '../attack.ts'

export default attack({
  action:
    "state.found = (0, eval)('typeof process + typeof require + typeof globalThis.process') === 'undefinedundefinedundefined'",
  ends: 'nothing',
  found: true,
})
