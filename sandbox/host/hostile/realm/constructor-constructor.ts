// I27: Function by way of the constructor of a constructor, to reach the process
import { attack } from '../attack.ts'

export default attack({
  action: 'state.found = state.constructor.constructor("return typeof process + typeof require + typeof module")()',
  ends: 'nothing',
  found: 'undefinedundefinedundefined',
})
