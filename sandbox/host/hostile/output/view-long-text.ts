// I23: a text of 500 MB in the view
import { attack } from '../attack.ts'

export default attack({
  view: "if (globalThis.once) return state; globalThis.once = true; return { ticks: state.ticks, honest: state.honest, found: 'x'.repeat(2 ** 29 - 24) }",
  ends: 'frame',
  says: 'StateError: view is too large; the limit is 4194304 characters of JSON',
})
