// I14: a BigInt of thirty million bits as text
import { attack, NEVER_CAME_BACK } from '../attack.ts'

export default attack({
  action: '(1n << 30_000_000n).toString()',
  ends: 'host',
  says: NEVER_CAME_BACK,
})
