// I19: a buffer that is given room to grow in a transfer
import { attack } from '../attack.ts'

export default attack({
  action: 'state.found = new ArrayBuffer(8).transfer(16).resizable',
  ends: 'nothing',
  found: false,
})
