// I21: functions made of texts without end
import { attack, MEMORY_BUDGETS } from '../attack.ts'

export default attack({
  action: `const kept = []
    for (let i = 0; ; i++) kept.push(new Function('x;'.repeat(1_000) + i))`,
  budgets: MEMORY_BUDGETS,
  ends: 'either',
})
