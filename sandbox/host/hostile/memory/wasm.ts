// I20: memory and tables of WebAssembly
import { attack } from '../attack.ts'

export default attack({
  action: 'state.found = typeof WebAssembly',
  ends: 'nothing',
  found: 'undefined',
})
