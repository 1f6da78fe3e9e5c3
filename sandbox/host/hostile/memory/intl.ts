// I21: objects of Intl without end
import { attack, MEMORY_BUDGETS } from '../attack.ts'

export default attack({
  action: `const kept = []
    for (;;) kept.push(new Intl.NumberFormat('de'))`,
  budgets: MEMORY_BUDGETS,
  ends: 'either',
})
