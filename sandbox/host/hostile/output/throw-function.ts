// I07: throws a function
import { attack } from '../attack.ts'

export default attack({
  action: 'throw () => 1',
  ends: 'action',
  why: '() => 1',
})
