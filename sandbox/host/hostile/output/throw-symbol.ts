// I07: throws a symbol
import { attack } from '../attack.ts'

export default attack({
  action: "throw Symbol('mine')",
  ends: 'action',
  why: 'Symbol(mine)',
})
