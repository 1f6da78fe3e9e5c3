// I42: a million lines for the log in one frame
import { attack } from '../attack.ts'

export default attack({
  action: 'for (let i = 0; i < 1_000_000; i++) room.log(i)',
  ends: 'nothing',
  found: null,
})
