// I07: throws an error that is frozen
import { attack } from '../attack.ts'

export default attack({
  action: "throw Object.freeze(new TypeError('cold'))",
  ends: 'action',
  why: 'TypeError: cold',
})
