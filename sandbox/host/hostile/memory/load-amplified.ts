// I45: a state of 200,000 empty lists, which take much more memory than their text, and are loaded again after each hang
import { attack } from '../attack.ts'

export default attack({
  action: 'state.lists ??= Array.from({ length: 200_000 }, () => [])',
  tick: `if (state.lists) {
      state.since ??= state.ticks
      if (state.ticks > state.since + 150) for (;;);
    }`, // by then a checkpoint holds them
  ends: 'either',
})
