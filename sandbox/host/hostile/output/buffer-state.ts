// I26: a buffer in the state
import { attack } from '../attack.ts'

export default attack({
  action: 'state.found = new ArrayBuffer(8)',
  ends: 'action',
  why: /^StateError: state\.found is a ArrayBuffer; .*$/,
})
