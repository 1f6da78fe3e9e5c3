// The one form of room state (SPEC ST3, ST4): plain JSON, brought there in place. What cannot be plain JSON is refused by its path.
//
// Runs inside the isolate, in the same realm as hostile code, so everything it calls is captured when it loads and it uses no
// method that could be replaced later: no iterators, no push, no spread of arrays.
import { MAX_STATE_DEPTH } from '../limits.ts'
import type { Json } from './messages.ts'

const isArray = Array.isArray
const keysOf = Object.keys
const hasOwn = Object.hasOwn
const finite = Number.isFinite
const prototypeOf = Object.getPrototypeOf
const defineProperty = Object.defineProperty
const ObjectPrototype = Object.prototype
const toText = String
const ErrorType = TypeError

export type Container = Json[] | { [key: string]: Json }
export const isContainer = (value: unknown): value is Container => typeof value === 'object' && value !== null

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

/** A value whose JSON is longer than it may be. */
export class TooLargeError extends StateError {}

let rootName = 'state' // what the value being walked is called in an error
const path: (string | number)[] = [] // keys from the root to the container being walked; [0, depth) is valid

let maxChars = Infinity // of the JSON of the value being walked
let chars = 0 // at least so many are new in it
let lost: string | undefined // the first number that JSON cannot hold

/** Starts a walk through a value that errors call `name` and whose JSON may have `max` characters. */
export function begin(name: string, max: number): void {
  rootName = name
  maxChars = max
  chars = -4 // the box around the value
}
/** Counts new characters of JSON, so that a value without end is refused long before its end. Throws TooLargeError. */
export function count(more: number): void {
  chars += more
  if (chars > maxChars) throw new TooLargeError(`${rootName} is too large; the limit is ${maxChars} characters of JSON`)
}
/** Where a NaN or an infinity became null since the last call, if anywhere. */
export function takeLost(): string | undefined {
  const where = lost
  lost = undefined
  return where
}
/** The container being walked at `depth` is entered at `key`. */
export function enter(depth: number, key: string | number): void {
  path[depth] = key
}

function place(depth: number, key: string | number): string {
  let text = rootName
  // The outermost container is a box around the state. A cycle's path would fill a page, so the middle is left out.
  for (let i = 1; i <= depth; i++) {
    const part = i === depth ? key : path[i]!
    if (depth > 8 && i > 5 && i < depth) continue
    text += depth > 8 && i === depth ? '…' : typeof part === 'number' ? `[${part}]` : `.${part}`
  }
  return text
}

/** Throws StateError: what is at `key` of the container at `depth` is `what`. */
export function refuse(depth: number, key: string | number, what: string): never {
  throw new StateError(
    `${place(depth, key)} is ${what}; ${rootName} must be plain JSON (objects, arrays, strings, numbers, booleans, null)`,
  )
}

/** The canonical form of one property, written back into `source`; undefined means the property is gone. */
export function normal(source: Container, key: string | number, depth: number): Json | undefined {
  const value = (source as Record<string | number, unknown>)[key]
  switch (typeof value) {
    case 'number':
      if (finite(value) && value !== 0) return value
      if (value === 0) {
        if (1 / value < 0) put(source, key, 0)
        return 0
      }
      lost ??= place(depth, key)
      put(source, key, null)
      return null
    case 'string':
    case 'boolean':
      return value
    case 'undefined':
      if (!isArray(source)) {
        delete source[key as string]
        return undefined
      }
      put(source, key, null)
      return null
    case 'object': {
      if (value === null) return null
      if (depth >= MAX_STATE_DEPTH - 1)
        return refuse(depth, key, `nested more than ${MAX_STATE_DEPTH} levels deep (is it a cycle?)`)
      const prototype = prototypeOf(value)
      if (prototype === ObjectPrototype || prototype === null || isArray(value)) return value as Json
      return refuse(depth, key, `a ${toText(prototype?.constructor?.name ?? 'class instance')}`)
    }
    default:
      return refuse(depth, key, `a ${typeof value}`)
  }
}

function copy(source: Container, depth: number): Container {
  const out: Container = isArray(source) ? [] : {}
  const keys = isArray(source) ? undefined : keysOf(source)
  const length = keys === undefined ? (source as Json[]).length : keys.length
  count(length * 2) // each at least a digit and a comma
  for (let i = 0; i < length; i++) {
    const key = keys === undefined ? i : keys[i]!
    if (key === '__proto__') refuse(depth, key, 'a reserved key')
    const value = normal(source, key, depth)
    if (value === undefined) continue
    enter(depth, key)
    if (keys !== undefined) count(keys[i]!.length)
    if (typeof value === 'string') count(value.length)
    put(out, key, isContainer(value) ? copy(value, depth + 1) : value)
  }
  return out
}

/** A deep copy in canonical form; `value` itself is brought there on the way. Throws StateError, in which `name` stands for the value; TooLargeError when its JSON clearly has more than `max` characters. */
export function plain(value: unknown, name: string, max = Infinity): Json {
  begin(name, max)
  return (copy([value === undefined ? null : (value as Json)], 0) as Json[])[0]!
}
