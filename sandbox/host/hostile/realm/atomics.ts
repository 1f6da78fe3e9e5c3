// I39: Atomics and shared memory
import { attack } from '../attack.ts'

export default attack({
  action: 'state.found = typeof Atomics + typeof SharedArrayBuffer',
  ends: 'nothing',
  found: 'undefinedundefined',
})
