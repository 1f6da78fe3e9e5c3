// I31: every function of every built-in object throws
import { attack } from '../attack.ts'

export default attack({
  top: `
const { ownKeys } = Reflect
const names = ['Object', 'Array', 'String', 'Number', 'Function', 'Map', 'Set', 'Promise', 'JSON', 'Reflect', 'Math', 'RegExp',
  'Error', 'TypeError', 'Symbol', 'Date', 'Boolean', 'WeakMap', 'Proxy', 'Intl', 'console']
for (let i = 0; i < names.length; i++) {
  const known = globalThis[names[i]]
  for (let owner = known; owner; owner = owner === known ? known.prototype : null) {
    const keys = ownKeys(owner)
    for (let k = 0; k < keys.length; k++) {
      try {
        if (typeof owner[keys[k]] === 'function' && keys[k] !== 'constructor') owner[keys[k]] = () => { throw 1 }
      } catch {}
    }
  }
}`,
  action: 'state.found = { list: [1, { deep: true }], text: "x" }',
  ends: 'nothing',
  found: { list: [1, { deep: true }], text: 'x' },
})
