// I23: a million numbers in the state
import { attack } from '../attack.ts'

export default attack({
  action: 'state.found = new Array(1_000_000).fill(1.5)',
  budgets: { frameMs: 750 },
  ends: 'action',
  why: 'StateError: state is too large; the limit is 1048576 characters of JSON',
})
