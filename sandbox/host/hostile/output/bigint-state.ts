// I24: a BigInt in the state
import { attack } from '../attack.ts'

export default attack({
  action: 'state.found = { n: 1n }',
  ends: 'action',
  why: /^StateError: state\.found\.n is a bigint; .*$/,
})
