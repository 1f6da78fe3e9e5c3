// I21: symbols without end
import { attack, MEMORY_BUDGETS } from '../attack.ts'

export default attack({
  action: "for (let i = 0; ; i++) Symbol.for(String(i).padStart(1_000, 'x'))",
  budgets: MEMORY_BUDGETS,
  ends: 'either',
})
