// I32: after loading, puts proxies that never answer behind the list of actions and in place of one
import { attack } from '../attack.ts'

export default attack({
  top: 'const loop = () => { for (;;); }',
  action: `Object.setPrototypeOf(actions, new Proxy({}, { get: loop, has: loop, getOwnPropertyDescriptor: loop }))
    actions.attack = new Proxy(() => {}, { apply: loop })
    state.found = 'replaced'`,
  ends: 'nothing',
  found: 'replaced',
})
