// I21: an object with keys without end
import { attack, MEMORY_BUDGETS } from '../attack.ts'

export default attack({
  action: `const kept = {}
    for (let i = 0; ; i++) kept['key ' + i] = i`,
  budgets: MEMORY_BUDGETS,
  ends: 'either',
})
