// I25: keys named like what every object has, and odd ones
import { attack } from '../attack.ts'

export default attack({
  action: `state.found = { constructor: 1, toString: 2, hasOwnProperty: 3, valueOf: 4, 1: 5, '': 6, toJSON: 7, ['k'.repeat(65_536)]: 8 }
    state.found = Object.keys(state.found).length`,
  ends: 'nothing',
  found: 8,
})
