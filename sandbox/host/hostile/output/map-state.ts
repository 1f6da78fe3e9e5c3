// I24: a Map in the state
import { attack } from '../attack.ts'

export default attack({
  action: 'state.found = new Map()',
  ends: 'action',
  why: /^StateError: state\.found is a Map; .*$/,
})
