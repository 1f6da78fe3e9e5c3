// I07: throws at the top level an error whose message has 10 MB
import { attack } from '../attack.ts'

export default attack({
  top: "throw new Error('x'.repeat(10_000_000))",
  ends: 'start',
  says: /^(Error: )?x{900,}…$/,
})
