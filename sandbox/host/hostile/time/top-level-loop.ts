// I02: an endless loop at the top level of the module
import { attack } from '../attack.ts'

export default attack({
  top: 'for (;;);',
  ends: 'start',
  says: 'server.js ran longer than 500 ms and was stopped',
})
