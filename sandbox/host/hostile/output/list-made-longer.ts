// I23: makes a list of the state 4 billion long
import { attack } from '../attack.ts'

export default attack({
  action: `state.found = [1]
    state.found.length = 2 ** 32 - 1`,
  ends: 'action',
  why: 'StateError: state is too large; the limit is 1048576 characters of JSON',
})
