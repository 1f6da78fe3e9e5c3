// I44: a state that grows by a megabyte in every frame
import { attack } from '../attack.ts'

export default attack({
  tick: "state.found = (state.found ?? '') + 'x'.repeat(1_000_000)",
  ends: 'frame',
  says: 'StateError: state is too large; the limit is 1048576 characters of JSON',
})
