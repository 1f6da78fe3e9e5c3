// I27: the constructor of async functions
import { attack } from '../attack.ts'

export default attack({
  action:
    "state.found = Object.getPrototypeOf(async () => {}).constructor('return typeof process')().constructor === Promise",
  ends: 'nothing',
  found: true,
})
