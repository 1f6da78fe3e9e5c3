// I06: Error.prepareStackTrace makes a text of 10 MB
import { attack } from '../attack.ts'

export default attack({
  action: `Error.prepareStackTrace = () => 'x'.repeat(10_000_000)
    throw new Error('giant')`,
  ends: 'action',
  why: 'giant',
})
