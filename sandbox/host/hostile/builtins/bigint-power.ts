// I14: a BigInt to a power that no memory holds
import { attack } from '../attack.ts'

export default attack({
  action: 'state.found = 3n ** (2n ** 40n)',
  ends: 'action',
  why: 'RangeError: Maximum BigInt size exceeded',
})
