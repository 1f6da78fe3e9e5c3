// I24: numbers that JSON has not, undefined and holes
import { attack } from '../attack.ts'

export default attack({
  action: 'state.found = [NaN, Infinity, -Infinity, -0, undefined, , { gone: undefined, zero: -0 }]',
  ends: 'nothing',
  found: [null, null, null, 0, null, null, { zero: 0 }],
})
