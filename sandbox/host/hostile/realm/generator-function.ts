// I27: the constructor of generators
import { attack } from '../attack.ts'

export default attack({
  action:
    "state.found = Object.getPrototypeOf(function* () {}).constructor('yield typeof process + typeof require')().next().value === 'undefinedundefined'",
  ends: 'nothing',
  found: true,
})
