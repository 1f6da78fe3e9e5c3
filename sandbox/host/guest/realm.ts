// Runs first in every isolate, before the creator's code: takes away what a room must not have and makes the rest deterministic.
// Like all guest code it captures what it calls, because the creator's code shares its realm.
const RealDate = Date
const construct = Reflect.construct
const { floor } = Math
const global = globalThis as Record<string, unknown>

// Memory that no limit counts, shared clocks, and callbacks outside every time limit (see the catalogue of attacks).
for (const name of ['WebAssembly', 'SharedArrayBuffer', 'Atomics', 'WeakRef', 'FinalizationRegistry'])
  delete global[name]
delete (Intl as { DateTimeFormat?: unknown }).DateTimeFormat // formats the real clock; Date.prototype.toLocaleString is still there

// A resizable buffer grows outside every limit, so buffers here have one size for life.
const RealBuffer = ArrayBuffer
function FixedBuffer(this: unknown, length: unknown): unknown {
  if (new.target === undefined) throw new TypeError("Constructor ArrayBuffer requires 'new'")
  return construct(RealBuffer, [length], new.target)
}
FixedBuffer.prototype = RealBuffer.prototype
FixedBuffer.isView = RealBuffer.isView
Object.defineProperty(FixedBuffer, 'name', { value: 'ArrayBuffer' })
RealBuffer.prototype.constructor = FixedBuffer as unknown as ArrayBufferConstructor
global.ArrayBuffer = FixedBuffer

// JSON.stringify asks every object for `toJSON`. On these prototypes it would let the creator's code rewrite what we say to the host.
const { defineProperty } = Object
for (const prototype of [Object.prototype, Array.prototype]) {
  defineProperty(prototype, 'toJSON', {
    get: () => undefined,
    set(this: object, value: unknown) {
      if (this === prototype) throw new TypeError('toJSON of all objects cannot be changed here')
      defineProperty(this, 'toJSON', { value, writable: true, enumerable: true, configurable: true })
    },
  })
}

let nowMs = 0
/** Freezes the clock at `ms` since 1970, the time of the frame. */
export function setNow(ms: number): void {
  nowMs = floor(ms)
}

function FrozenDate(this: unknown, ...args: unknown[]): unknown {
  if (new.target === undefined) return new RealDate(nowMs).toString()
  return construct(RealDate, args.length === 0 ? [nowMs] : args, new.target)
}
FrozenDate.prototype = RealDate.prototype
FrozenDate.now = () => nowMs
FrozenDate.parse = RealDate.parse
FrozenDate.UTC = RealDate.UTC
Object.defineProperty(FrozenDate, 'name', { value: 'Date' })
RealDate.prototype.constructor = FrozenDate as unknown as DateConstructor
global.Date = FrozenDate

export type RandomState = [number, number, number, number]
let a = 1
let b = 1
let c = 1
let counter = 1

/** sfc32 by Chris Doty-Humphrey (PractRand): 128 bits of state, passes BigCrush; 0 <= x < 1. */
export function random(): number {
  const sum = (((a + b) | 0) + counter) | 0
  counter = (counter + 1) | 0
  a = b ^ (b >>> 9)
  b = (c + (c << 3)) | 0
  c = ((c << 21) | (c >>> 11)) + sum
  c |= 0
  return (sum >>> 0) / 4294967296
}
export const randomState = (): RandomState => [a, b, c, counter]
export function setRandom(state: RandomState): void {
  a = state[0] | 0
  b = state[1] | 0
  c = state[2] | 0
  counter = state[3] | 0
}
/** Starts the sequence of a room from four 32-bit words. */
export function seedRandom(words: RandomState): void {
  setRandom(words)
  for (let i = 0; i < 12; i++) random() // the generator's author mixes the seed in with a dozen rounds
}
Math.random = random
