// I24: an object that changes its class while it is looked at
import { attack } from '../attack.ts'

export default attack({
  action: `let looks = 0
    state.found = new Proxy({}, { getPrototypeOf: () => (looks++ === 0 ? Object.prototype : Map.prototype), ownKeys: () => [] })`,
  ends: 'nothing',
  found: {},
})
