// I16: texts without end
import { attack, MEMORY_BUDGETS } from '../attack.ts'

export default attack({
  action: `const kept = []
    for (;;) kept.push(String(kept.length).padStart(1_000, 'x'))`,
  budgets: MEMORY_BUDGETS,
  ends: 'either',
})
