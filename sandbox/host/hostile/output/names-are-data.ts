// I25: keys named like what every object has reach the players as data
import { attack } from '../attack.ts'

export default attack({
  action: "state.found = { constructor: 1, toString: 2, hasOwnProperty: 3, valueOf: 4, '': 6, __defineGetter__: 8 }",
  ends: 'nothing',
  found: { constructor: 1, toString: 2, hasOwnProperty: 3, valueOf: 4, '': 6, __defineGetter__: 8 },
})
