// The difference between two JSON values and how to apply it. `Shadow` is the side that knows what was sent last.
//
// This file also runs inside the isolate, in the same realm as hostile code, so everything it calls is captured when it loads
// and it uses no method that could be replaced later: no iterators, no push, no spread of arrays.
import type { Json, Patch } from './messages.ts'

const isArray = Array.isArray
const keysOf = Object.keys
const hasOwn = Object.hasOwn
const finite = Number.isFinite
const isInteger = Number.isInteger
const prototypeOf = Object.getPrototypeOf
const defineProperty = Object.defineProperty
const ObjectPrototype = Object.prototype
const toText = String
const ErrorType = TypeError

type Container = Json[] | { [key: string]: Json }
const isContainer = (value: unknown): value is Container => typeof value === 'object' && value !== null

/** Sets an own data property even where a setter was planted on a prototype. */
export function put(target: object, key: string | number, value: unknown): void {
  if (hasOwn(target, key)) (target as Record<string, unknown>)[key] = value
  else
    defineProperty(target, key, {
      __proto__: null,
      value,
      writable: true,
      enumerable: true,
      configurable: true,
    } as PropertyDescriptor)
}

/** A value that cannot be room state. The message names the path and what to do. */
export class StateError extends ErrorType {
  override name = 'StateError'
}

let rootName = 'state' // what the value being walked is called in an error
const path: (string | number)[] = [] // keys from the root to the container being walked; [0, depth) is valid

function refuse(depth: number, key: string | number, what: string): never {
  let text = rootName
  // The outermost container is the Shadow's own box around the state. A cycle's path would fill a page, so the middle is left out.
  for (let i = 1; i <= depth; i++) {
    const part = i === depth ? key : path[i]!
    if (depth > 8 && i > 5 && i < depth) continue
    text += depth > 8 && i === depth ? '…' : typeof part === 'number' ? `[${part}]` : `.${part}`
  }
  throw new StateError(
    `${text} is ${what}; ${rootName} must be plain JSON (objects, arrays, strings, numbers, booleans, null)`,
  )
}

/** The canonical form of one property (SPEC ST3), written back into `source`; undefined means the property is gone. */
function normal(source: Container, key: string | number, depth: number): Json | undefined {
  const value = (source as Record<string | number, unknown>)[key]
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value
    case 'number':
      if (finite(value) && value !== 0) return value
      if (value === 0) {
        if (1 / value < 0) put(source, key, 0)
        return 0
      }
      put(source, key, null)
      return null
    case 'undefined':
      if (!isArray(source)) {
        delete source[key as string]
        return undefined
      }
      put(source, key, null)
      return null
    case 'object': {
      if (value === null) return null
      if (depth >= 63) return refuse(depth, key, 'nested more than 64 levels deep (is it a cycle?)')
      const prototype = prototypeOf(value)
      if (prototype === ObjectPrototype || prototype === null || isArray(value)) return value as Json
      return refuse(depth, key, `a ${toText(prototype?.constructor?.name ?? 'class instance')}`)
    }
    default:
      return refuse(depth, key, `a ${typeof value}`)
  }
}

/** A deep copy of `source`; brings `source` itself to canonical form on the way. */
function copy<T extends Container>(source: T, depth: number): T {
  if (isArray(source)) {
    const out: Json[] = []
    for (let i = 0; i < source.length; i++) {
      const value = normal(source, i, depth) as Json
      path[depth] = i
      put(out, i, isContainer(value) ? copy(value, depth + 1) : value)
    }
    return out as T
  }
  const out = {}
  const keys = keysOf(source)
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i]!
    if (key === '__proto__') refuse(depth, key, 'a reserved key')
    const value = normal(source, key, depth)
    if (value === undefined) continue
    path[depth] = key
    put(out, key, isContainer(value) ? copy(value, depth + 1) : value)
  }
  return out as T
}

/** Objects of the shadow whose keys must be put in the order of the source once the patch is applied. */
let reorders: { shadow: Record<string, Json>; keys: string[] }[] = []

/** How `shadow` (what the other side has) becomes `source`, which is brought to canonical form. Undefined: nothing changed. */
function walk(shadow: Container, source: Container, depth: number): Patch | undefined {
  return isArray(source)
    ? walkArray(shadow as Json[], source, depth)
    : walkObject(shadow as Record<string, Json>, source, depth)
}

function walkEntry(shadow: Container, source: Container, key: string | number, depth: number, patch?: Patch) {
  const value = normal(source, key, depth)
  if (value === undefined) return patch
  const had = hasOwn(shadow, key)
  const old = had ? (shadow as Record<string | number, Json>)[key] : undefined
  if (isContainer(value)) {
    path[depth] = key
    if (isContainer(old) && isArray(old) === isArray(value)) {
      const inner = walk(old, value, depth + 1)
      if (inner === undefined) return patch
      const outer = patch ?? {}
      outer.p ??= {}
      put(outer.p, key, inner)
      return outer
    }
  } else if (had && value === old) return patch
  const outer = patch ?? {}
  outer.s ??= {}
  put(outer.s, key, isContainer(value) ? copy(value, depth + 1) : value)
  return outer
}

function walkArray(shadow: Json[], source: Json[], depth: number): Patch | undefined {
  let patch: Patch | undefined = shadow.length === source.length ? undefined : { l: source.length }
  for (let i = 0; i < source.length; i++) patch = walkEntry(shadow, source, i, depth, patch)
  return patch
}

function walkObject(shadow: Record<string, Json>, source: Record<string, Json>, depth: number): Patch | undefined {
  let patch: Patch | undefined
  let keys = keysOf(source)
  for (let i = 0; i < keys.length; i++) {
    if (keys[i] === '__proto__') refuse(depth, '__proto__', 'a reserved key')
    patch = walkEntry(shadow, source, keys[i]!, depth, patch)
  }
  keys = keysOf(source) // undefined properties are gone now
  const had = keysOf(shadow)
  let ordered = had.length <= keys.length
  for (let i = 0; i < had.length; i++) {
    const key = had[i]!
    if (!hasOwn(source, key)) {
      patch ??= {}
      patch.d ??= []
      put(patch.d, patch.d.length, key)
      ordered = false
    } else if (key !== keys[i]) ordered = false
  }
  if (!ordered) put(reorders, reorders.length, { shadow, keys })
  return patch
}

/** What the other side was last sent, and the patches that bring it up to date. */
export class Shadow {
  #name: string
  #root: { value: Json }
  #next: Patch | undefined
  #reorders: { shadow: Record<string, Json>; keys: string[] }[] = []

  /** Starts with a deep copy of `value`, which is brought to canonical form. Throws StateError, in which `name` stands for the value. */
  constructor(value: unknown, name = 'state') {
    this.#name = name
    rootName = name
    this.#root = copy({ value: value === undefined ? null : (value as Json) }, 0)
  }

  get value(): Json {
    return this.#root.value
  }

  /** A deep copy of what the other side has. */
  copy(): Json {
    return copy(this.#root, 0).value
  }

  /**
   * How the shadow becomes `value`, which is brought to canonical form; undefined when nothing changed. Throws StateError.
   * The shadow itself stays as it is until `commit`, so a refused frame can be undone with `copy`.
   */
  diff(value: unknown): Patch | undefined {
    reorders = []
    rootName = this.#name
    this.#next = walk(this.#root, { value: value === undefined ? null : (value as Json) }, 0)
    this.#reorders = reorders
    if (this.#next === undefined) return undefined
    return this.#next.p ? this.#next.p.value! : { v: this.#next.s!.value! }
  }

  /** Brings the shadow to the value of the last `diff`; its patch must not be changed after. */
  commit(): void {
    if (this.#next !== undefined) applyPatch(this.#root, this.#next)
    // A state put back from its shadow must iterate in the same order as before.
    for (let i = 0; i < this.#reorders.length; i++) {
      const { shadow, keys } = this.#reorders[i]!
      for (let k = 0; k < keys.length; k++) {
        const value = shadow[keys[k]!]
        delete shadow[keys[k]!]
        put(shadow, keys[k]!, value)
      }
    }
    this.#next = undefined
    this.#reorders = []
  }
}

/** Applies `patch` to `value` (containers are changed in place) and returns the new root. A patch that does not fit throws StateError. */
export function applyPatch(value: Json, patch: Patch): Json {
  if (hasOwn(patch, 'v')) return patch.v!
  if (!isContainer(value)) throw new StateError('the patch does not fit the state')
  const added = patch.s ? keysOf(patch.s) : []
  if (isArray(value) && patch.l !== undefined) {
    const fits = isInteger(patch.l) && patch.l >= 0 && patch.l <= value.length + added.length
    if (!fits) throw new StateError('the patch does not fit the state')
    value.length = patch.l
  }
  for (let i = 0; patch.d && i < patch.d.length; i++) delete (value as Record<string, Json>)[patch.d[i]!]
  for (let i = 0; i < added.length; i++) put(value, added[i]!, patch.s![added[i]!])
  const inside = patch.p ? keysOf(patch.p) : []
  for (let i = 0; i < inside.length; i++) {
    const key = inside[i]!
    const inner = hasOwn(value, key) ? (value as Record<string, Json>)[key] : undefined
    put(value, key, applyPatch(inner as Json, patch.p![key]!))
  }
  return value
}
