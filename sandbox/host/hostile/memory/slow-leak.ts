// I22: a leak of a megabyte in every frame
import { attack, MEMORY_BUDGETS, TOO_MUCH } from '../attack.ts'

export default attack({
  tick: 'globalThis.leak ??= []; for (let i = 0; i < 16_000; i++) leak.push({ a: i, b: {} })',
  budgets: MEMORY_BUDGETS,
  ends: 'setback',
  says: TOO_MUCH,
})
