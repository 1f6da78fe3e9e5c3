// I23: the same text of 500 kB two thousand times in the state
import { attack } from '../attack.ts'

export default attack({
  action: "state.found = Array(2_000).fill('x'.repeat(500_000))",
  ends: 'action',
  why: 'StateError: state is too large; the limit is 1048576 characters of JSON',
})
