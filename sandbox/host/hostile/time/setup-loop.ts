// I02: an endless loop in setup
import { attack } from '../attack.ts'

export default attack({
  setup: 'for (;;);',
  ends: 'start',
  says: 'server.js ran longer than 500 ms and was stopped',
})
