// I17: a list joined to itself
import { attack, MEMORY_BUDGETS } from '../attack.ts'

export default attack({
  action: `let list = [1]
    for (;;) list = list.concat(list)`,
  budgets: MEMORY_BUDGETS,
  ends: 'either',
})
