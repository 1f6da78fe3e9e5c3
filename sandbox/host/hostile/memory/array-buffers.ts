// I18: many buffers, together larger than the limit
import { attack } from '../attack.ts'

export default attack({
  action: `
    const kept = []
    try {
      for (let i = 0; i < 100; i++) kept.push(new ArrayBuffer(2 ** 20))
    } catch (error) {
      state.found = error.name
    }`,
  budgets: { roomMemoryMiB: 16 },
  ends: 'nothing',
  found: 'RangeError',
})
