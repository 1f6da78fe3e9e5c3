// I14: multiplies giant BigInts
// Each division takes seconds and cannot be interrupted; the host must not come back between two of them on a fast machine either.
import { attack, NEVER_CAME_BACK } from '../attack.ts'

export default attack({
  action: `let x = (1n << 40_000_000n) - 1n
    for (;;) x = (x * x) % ((1n << 39_999_999n) + 1n)`,
  ends: 'host',
  says: NEVER_CAME_BACK,
})
