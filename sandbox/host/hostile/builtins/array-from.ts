// I13: Array.from of something of length 2 ** 32 - 1
import { attack } from '../attack.ts'

export default attack({
  action: 'Array.from({ length: 2 ** 32 - 1 })',
  ends: 'either',
})
