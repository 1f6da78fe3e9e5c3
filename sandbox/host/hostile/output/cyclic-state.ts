// I24: a state that holds itself
import { attack } from '../attack.ts'

export default attack({
  action: 'state.found = { state }',
  ends: 'action',
  why: /^StateError: state\.found\.state.*nested more than 64 levels deep \(is it a cycle\?\).*$/,
})
