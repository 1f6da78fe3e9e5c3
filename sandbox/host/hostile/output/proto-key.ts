// I25: an own key __proto__ in the state
import { attack } from '../attack.ts'

export default attack({
  action: `state.found = JSON.parse('{"__proto__":{"polluted":1}}')`,
  ends: 'action',
  why: /^StateError: state\.found\.__proto__ is a reserved key; .*$/,
})
