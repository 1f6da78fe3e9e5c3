// I24: half of a pair as text and as key
import { attack } from '../attack.ts'

export default attack({
  action: String.raw`state.found = { '\ud800': '\udfff' }`,
  ends: 'nothing',
  found: { '\ud800': '\udfff' },
})
