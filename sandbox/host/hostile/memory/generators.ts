// I21: generators without end
import { attack, MEMORY_BUDGETS } from '../attack.ts'

export default attack({
  action: `const kept = []
    for (;;) {
      const generator = (function* () { yield 1 })()
      generator.next()
      kept.push(generator)
    }`,
  budgets: MEMORY_BUDGETS,
  ends: 'either',
})
