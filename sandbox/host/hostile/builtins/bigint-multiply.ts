// I14: multiplies giant BigInts
import { attack, NEVER_CAME_BACK } from '../attack.ts'

export default attack({
  action: `let x = (1n << 10_000_000n) - 1n
    for (;;) x = (x * x) % ((1n << 9_999_999n) + 1n)`,
  ends: 'host',
  says: NEVER_CAME_BACK,
})
