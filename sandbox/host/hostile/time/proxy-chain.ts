// I47: a chain of a hundred thousand proxies
import { attack } from '../attack.ts'

export default attack({
  action: `let chain = {}
    for (let i = 0; i < 100_000; i++) chain = new Proxy(chain, {})
    state.found = chain.x ?? null`,
  ends: 'action',
  why: 'RangeError: Maximum call stack size exceeded',
})
