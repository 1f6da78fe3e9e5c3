// I23: a text of 500 MB in the state
import { attack } from '../attack.ts'

export default attack({
  action: "state.found = 'x'.repeat(2 ** 29 - 24)",
  ends: 'action',
  why: 'StateError: state is too large; the limit is 1048576 characters of JSON',
})
