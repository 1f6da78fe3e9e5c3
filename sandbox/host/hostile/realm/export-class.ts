// I32: exports a class as tick
import { attack } from '../attack.ts'

export default attack({
  top: `export class leave {}
`,
  ends: 'nothing',
  found: null,
})
