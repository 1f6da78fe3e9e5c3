// I07: throws an error that is its own cause
import { attack } from '../attack.ts'

export default attack({
  action: `const error = new Error('round')
    error.cause = error
    throw error`,
  ends: 'action',
  why: 'round',
})
