// I33: import() of files, modules and addresses
import { attack } from '../attack.ts'

export default attack({
  action: `for (const what of ['fs', 'node:fs', 'http://127.0.0.1/', 'data:text/javascript,1', 'file:///etc/passwd', '../../package.json', './server.js']) {
      import(what).then(() => { globalThis.loaded = what }, () => { globalThis.refused = (globalThis.refused ?? 0) + 1 })
    }`,
  ends: 'nothing',
  found: null,
})
