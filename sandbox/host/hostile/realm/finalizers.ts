// I38: finalizers and weak references
import { attack } from '../attack.ts'

export default attack({
  action: 'state.found = typeof FinalizationRegistry + typeof WeakRef',
  ends: 'nothing',
  found: 'undefinedundefined',
})
