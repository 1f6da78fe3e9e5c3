// I17: a list spread into itself
import { attack, MEMORY_BUDGETS } from '../attack.ts'

export default attack({
  action: `let list = [1]
    for (;;) list = [...list, ...list]`,
  budgets: MEMORY_BUDGETS,
  ends: 'either',
})
