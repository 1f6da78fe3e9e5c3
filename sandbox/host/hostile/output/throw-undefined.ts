// I07: throws undefined
import { attack } from '../attack.ts'

export default attack({
  action: 'throw undefined',
  ends: 'action',
  why: 'undefined',
})
