// I26: a typed array in the state
import { attack } from '../attack.ts'

export default attack({
  action: 'state.found = new Uint8Array(8)',
  ends: 'action',
  why: /^StateError: state\.found is a Uint8Array; .*$/,
})
