// I42: a line of 10 MB for the log
import { attack } from '../attack.ts'

export default attack({
  action: "room.log('x'.repeat(10_000_000))",
  ends: 'nothing',
  found: null,
})
