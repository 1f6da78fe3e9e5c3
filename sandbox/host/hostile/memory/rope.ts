// I16: flattens a text of half a gigabyte
import { attack, MEMORY_BUDGETS } from '../attack.ts'

export default attack({
  action: `let text = 'xy'
    for (let i = 0; i < 27; i++) text += text
    state.found = /y$/.test(text)
    for (;;);`,
  budgets: MEMORY_BUDGETS,
  ends: 'either',
})
