// What is left of a worker's global scope for the creator's code. Loaded first; everything the bootstrap needs later is captured before.

/** The language itself and a few harmless helpers. What is not named here is removed, so a browser's next network API is gone too. */
const KEPT = new Set(
  `Object Function Array Number Boolean String Symbol BigInt Date Promise RegExp Error AggregateError EvalError RangeError ReferenceError
  SyntaxError TypeError URIError SuppressedError Math JSON Intl Reflect Proxy Map Set WeakMap WeakSet WeakRef FinalizationRegistry Iterator
  ArrayBuffer DataView Int8Array Uint8Array Uint8ClampedArray Int16Array Uint16Array Int32Array Uint32Array Float16Array Float32Array
  Float64Array BigInt64Array BigUint64Array DisposableStack AsyncDisposableStack Temporal globalThis self undefined NaN Infinity eval isFinite
  isNaN parseFloat parseInt decodeURI decodeURIComponent encodeURI encodeURIComponent escape unescape
  setTimeout clearTimeout setInterval clearInterval queueMicrotask structuredClone performance crypto atob btoa TextEncoder TextDecoder`.split(
    /\s+/,
  ),
)

/** Removes all but the kept names from the global object and from what it inherits. */
export function removeGlobals(): void {
  const { getPrototypeOf, prototype: root } = Object
  for (let scope: object | null = globalThis; scope && scope !== root; scope = getPrototypeOf(scope)) {
    for (const name of Reflect.ownKeys(scope)) if (!KEPT.has(name as string)) Reflect.deleteProperty(scope, name)
  }
}

/** Adds a global that the creator's code cannot replace. */
export function addGlobal(name: string, value: unknown): void {
  Object.defineProperty(globalThis, name, { value, enumerable: true })
}
