// I28: walks to every object that can be reached, for anything of the library or of our own code
import { attack } from '../attack.ts'

// Own keys, symbols, getters and setters, prototypes, and what functions hand out; `planted` shows that it would be found, `seen` that the walk was no short one.
export default attack({
  data: {},
  action: `
    const LIBRARY = /\\b(Reference|ExternalCopy|Isolate|Context|Callback|Module|NativeModule|Script|InspectorSession|ivm)\\b/
    const strange = []
    const seen = new Set()
    const queue = []
    const meet = (value, path) => {
      if ((typeof value !== 'object' && typeof value !== 'function') || value === null || seen.has(value)) return
      seen.add(value)
      queue.push([value, path])
    }
    meet(globalThis, 'globalThis')
    for (const [name, value] of Object.entries({ state, player, data, room, attack: arguments, planted: new (class ExternalCopy {})() })) meet(value, name)
    for (const value of [function* () {}, async () => {}, async function* () {}, [].values(), new Map().entries(), /x/g[Symbol.matchAll]('x')])
      meet(value, 'syntax')
    try { null.x } catch (error) { meet(error, 'error') }
    Error.prepareStackTrace = (error, sites) => sites
    for (const site of new Error().stack) meet(site, 'site')
    Error.prepareStackTrace = undefined
    while (queue.length > 0) {
      const [value, path] = queue.pop()
      let name = ''
      try { name = String(value.constructor?.name) + ' ' + (typeof value === 'function' ? value.name : Object.prototype.toString.call(value)) } catch {}
      if (LIBRARY.test(name)) strange.push(path + ': ' + name)
      meet(Object.getPrototypeOf(value), path + '.__proto__')
      for (const key of Reflect.ownKeys(value)) {
        const where = path + '.' + String(key)
        if (LIBRARY.test(String(key))) strange.push(where)
        const { value: inner, get, set } = Object.getOwnPropertyDescriptor(value, key)
        meet(inner, where)
        meet(get, where + ' (get)')
        meet(set, where + ' (set)')
        if (get) try { meet(get.call(value), where) } catch {}
      }
    }
    const planted = strange.filter((path) => path.startsWith('planted'))
    state.found = { strange: strange.filter((path) => !planted.includes(path)), planted: planted.length, seen: seen.size > 500 }`,
  ends: 'nothing',
  found: { strange: [], planted: 3, seen: true },
})
