// I21: a Set that grows without end
import { attack, MEMORY_BUDGETS } from '../attack.ts'

export default attack({
  action: `const kept = new Set()
    for (let i = 0; ; i++) kept.add(i)`,
  budgets: MEMORY_BUDGETS,
  ends: 'either',
})
