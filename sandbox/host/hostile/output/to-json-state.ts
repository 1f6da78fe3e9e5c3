// I04: a toJSON in the state
import { attack } from '../attack.ts'

export default attack({
  action: 'state.found = { toJSON() { for (;;); } }',
  ends: 'action',
  why: /^StateError: state\.found\.toJSON is a function;.*$/,
})
