// I16: padEnd, all of it kept
import { attack, MEMORY_BUDGETS } from '../attack.ts'

export default attack({
  action: `const kept = []
    for (;;) kept.push('x'.padEnd(1_000_000, String(kept.length)).replace('x', 'y'))`,
  budgets: MEMORY_BUDGETS,
  ends: 'either',
})
