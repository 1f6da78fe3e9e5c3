// I24: a Date that is none in the state
import { attack } from '../attack.ts'

export default attack({
  action: 'state.found = new Date(NaN)',
  ends: 'action',
  why: /^StateError: state\.found is a Date; .*$/,
})
