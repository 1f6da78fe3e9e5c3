// I23: a list of 4 billion holes in the state
import { attack } from '../attack.ts'

export default attack({
  action: 'state.found = new Array(2 ** 32 - 1)',
  ends: 'action',
  why: 'StateError: state is too large; the limit is 1048576 characters of JSON',
})
