// What the worker's own code needs of the language, captured before any code of the creator runs: a game that overwrites Array.prototype
// or Map.prototype.get harms only itself, and goes on being drawn. So this folder uses no array methods, no iteration and no spread of lists.

const { apply: reflectApply, ownKeys } = Reflect
const { getOwnPropertyDescriptor, setPrototypeOf } = Object
export const { defineProperty, freeze, keys: keysOf, hasOwn } = Object
export const { isArray } = Array
export const isFiniteNumber = Number.isFinite
export const { stringify } = JSON
export const { abs, min, max, sqrt, sin, cos, trunc, floor, hypot, PI } = Math
export const Float64 = Float64Array
export const TypeProblem = TypeError
export const Problem = Error
const { iterator } = Symbol
export const toText = String

/** `method.call(self, ...args)` as a function of its own. */
export const uncurried =
  <Self, Args extends unknown[], Result>(method: (this: Self, ...args: Args) => Result) =>
  (self: Self, args: Args): Result =>
    reflectApply(method, self, args) as Result
export const call = <Args extends readonly unknown[], Result>(
  callback: (...args: never) => Result,
  args: Args,
): Result => reflectApply(callback, undefined, args) as Result

export const slice = uncurried(String.prototype.slice) as (text: string, args: [number, number?]) => string
export const bufferOf = uncurried(
  getOwnPropertyDescriptor(Object.getPrototypeOf(Float64Array.prototype), 'buffer')!.get as (
    this: Float64Array,
  ) => ArrayBuffer,
)

/** A list that inherits nothing: a setter planted on Array.prototype does not see what is put in. */
export interface List<T> {
  [index: number]: T
  length: number
}
export const list = <T>(): List<T> => setPrototypeOf([], null)
export const add = <T>(to: List<T>, item: T): void => {
  to[to.length] = item
}
/** Takes `item` out; what follows moves up. */
export function takeOut<T>(from: List<T>, item: T): void {
  let kept = 0
  for (let i = 0; i < from.length; i++) if (from[i] !== item) from[kept++] = from[i]!
  from.length = kept
}

/** An object that inherits nothing, for names that a creator chose. */
export const record = <T>(): Record<string, T> => ({ __proto__: null }) as unknown as Record<string, T>

/** A class whose instances carry their own copies of the methods. */
function sealed<C extends abstract new (...args: never[]) => object>(type: C): C {
  const { prototype } = type
  const names = ownKeys((Object.getPrototypeOf(type) as C).prototype)
  for (let i = 0; i < names.length; i++) {
    const name = names[i]!
    if (name !== 'constructor')
      defineProperty(prototype, name, getOwnPropertyDescriptor((Object.getPrototypeOf(type) as C).prototype, name)!)
  }
  setPrototypeOf(prototype, null)
  freeze(prototype)
  return freeze(type)
}
/**
 * Makes classes unchangeable whose instances the creator's code holds: their methods, and the statics that it reaches by `constructor`, are
 * those that the frames call too.
 */
export function harden(...types: { prototype: object }[]): void {
  for (let i = 0; i < types.length; i++) {
    freeze(types[i])
    freeze(types[i]!.prototype)
  }
}

export const SafeMap = sealed(class<K, V> extends Map<K, V> {})
export const SafeSet = sealed(class<V> extends Set<V> {})
export type SafeMap<K, V> = Map<K, V>
export type SafeSet<V> = Set<V>

/** The transfer list of one buffer: postMessage iterates it, and the iterators of arrays can be poisoned. */
export function only<T>(item: T): Iterable<T> {
  return {
    __proto__: null,
    [iterator]: () => {
      let done = false
      const next = () => {
        const result = done ? { done: true, value: undefined } : { done: false, value: item }
        done = true
        return result
      }
      return { __proto__: null, next }
    },
  } as unknown as Iterable<T>
}
