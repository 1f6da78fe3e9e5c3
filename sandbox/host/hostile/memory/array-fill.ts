// I17: a list of a hundred million numbers
import { attack, MEMORY_BUDGETS } from '../attack.ts'

export default attack({
  action: `new Array(1e8).fill(1.5)
    for (;;);`,
  budgets: MEMORY_BUDGETS,
  ends: 'either',
})
