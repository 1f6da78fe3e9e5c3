// I31: fields of property descriptors and of our own messages on Object.prototype
import { attack } from '../attack.ts'

export default attack({
  action: `for (const name of ['value', 'writable', 'enumerable', 'get', 'set', 'op', 'frame', 'out', 'logs', 'problem', 'faults', 'store', 'end', 'changed', 'sent', 'over', 'message', 'stack', 'text', 'to', 'isState', 'k', 'p', 'a', 'd'])
      Object.prototype[name] = { result: 1 }
    Object.prototype.then = () => { for (;;); }
    state.found = [1, { a: 2 }]`,
  ends: 'nothing',
  found: [1, { a: 2 }],
})
