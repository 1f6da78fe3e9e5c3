// I44: writes 60 kB to the store sixty times in every frame
import { attack } from '../attack.ts'

export default attack({
  top: "const text = 'x'.repeat(60_000)",
  action: `for (let i = 0; i < 60; i++) room.store.set('a', i + text)
    state.found = room.store.get('a').length`,
  ends: 'nothing',
  found: 60_002,
})
