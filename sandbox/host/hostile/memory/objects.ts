// I15: objects without end
import { attack, MEMORY_BUDGETS } from '../attack.ts'

export default attack({
  action: 'const kept = []; for (;;) kept.push({ a: kept.length, b: [kept.length] })',
  budgets: MEMORY_BUDGETS,
  ends: 'either',
})
