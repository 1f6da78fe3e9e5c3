// I13: replaceAll that makes a text of half a gigabyte
import { attack } from '../attack.ts'

export default attack({
  action: "'a'.repeat(2 ** 25).replaceAll('a', 'bbbbbbbbbbbbbbb')",
  ends: 'either',
})
