// I21: regular expressions without end
import { attack, MEMORY_BUDGETS } from '../attack.ts'

export default attack({
  action: `const kept = []
    for (;;) {
      const pattern = new RegExp('^(' + 'a|b'.repeat(500) + kept.length + ')+$')
      pattern.test('aaaa')
      kept.push(pattern)
    }`,
  budgets: MEMORY_BUDGETS,
  ends: 'either',
})
