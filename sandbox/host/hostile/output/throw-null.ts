// I07: throws null
import { attack } from '../attack.ts'

export default attack({
  action: 'throw null',
  ends: 'action',
  why: 'null',
})
