// I21: a WeakMap that grows without end
import { attack, MEMORY_BUDGETS } from '../attack.ts'

export default attack({
  action: `const kept = new WeakMap()
    const keys = []
    for (;;) {
      const key = {}
      keys.push(key)
      kept.set(key, key)
    }`,
  budgets: MEMORY_BUDGETS,
  ends: 'either',
})
