// I31: every global is gone or something else
import { attack } from '../attack.ts'

export default attack({
  top: `for (const name of Object.getOwnPropertyNames(globalThis)) {
  try {
    globalThis[name] = null
  } catch {}
}`,
  ends: 'nothing',
  found: null,
})
