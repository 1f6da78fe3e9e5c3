// I29: callers and arguments of our functions
import { attack } from '../attack.ts'

export default attack({
  action: `const tried = []
    for (const from of [room.log, room.send, room.store.get, Math.random]) {
      for (const name of ['caller', 'arguments', 'callee']) {
        try {
          if (from[name] !== undefined) tried.push(name)
        } catch {}
      }
    }
    state.found = tried`,
  ends: 'nothing',
  found: [],
})
