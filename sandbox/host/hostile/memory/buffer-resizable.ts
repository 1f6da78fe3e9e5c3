// I19: a buffer that grows
import { attack } from '../attack.ts'

export default attack({
  action: `const buffer = new ArrayBuffer(8, { maxByteLength: 2 ** 30 })
    state.found = [buffer.resizable, typeof SharedArrayBuffer]`,
  ends: 'nothing',
  found: [false, 'undefined'],
})
