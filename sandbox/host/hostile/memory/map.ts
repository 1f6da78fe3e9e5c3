// I21: a Map that grows without end
import { attack, MEMORY_BUDGETS } from '../attack.ts'

export default attack({
  action: `const kept = new Map()
    for (let i = 0; ; i++) kept.set(i, i)`,
  budgets: MEMORY_BUDGETS,
  ends: 'either',
})
