// I21: closures without end
import { attack, MEMORY_BUDGETS } from '../attack.ts'

export default attack({
  action: `const kept = []
    for (;;) {
      const list = new Array(1_000)
      kept.push(() => list)
    }`,
  budgets: MEMORY_BUDGETS,
  ends: 'either',
})
