// Bytes on their way into a text of one character a byte. One buffer for all writers of a realm: a frame is written in one go.
//
// Runs inside the isolate, in the same realm as hostile code: everything it calls is captured when it loads. Stores into a typed
// array ask no prototype, so nobody can look on or interfere.
const Bytes = Uint8Array
const { apply } = Reflect
const { fromCharCode } = String
const charCode = Function.prototype.call.bind(String.prototype.charCodeAt) as (text: string, at: number) => number
const part = Function.prototype.call.bind(Bytes.prototype.subarray) as (
  bytes: Uint8Array,
  from: number,
  to: number,
) => Uint8Array
const fill = Function.prototype.call.bind(Bytes.prototype.set) as (to: Uint8Array, from: Uint8Array) => void
const sizeOf = Function.prototype.call.bind(
  Object.getOwnPropertyDescriptor(Object.getPrototypeOf(Bytes.prototype), 'length')!.get!,
) as (bytes: Uint8Array) => number
const { floor } = Math

const CHUNK = 4_096 // arguments of one call
let capacity = 4_096
let buffer = new Bytes(capacity)
/** How many bytes have been written. Setting it back takes the last ones away. */
export let at = 0
const float = new Float32Array(1)
const floatBytes = new Bytes(float.buffer)
const double = new Float64Array(1)
const doubleBytes = new Bytes(double.buffer)

function room(count: number): void {
  if (at + count <= capacity) return
  while (at + count > capacity) capacity *= 2
  const larger = new Bytes(capacity)
  fill(larger, buffer)
  buffer = larger
}

export function rewind(to: number): void {
  at = to
}

export function byte(value: number): void {
  if (at === capacity) room(1)
  buffer[at++] = value
}

/** A byte that has been written before. */
export function amend(where: number, bits: number): void {
  buffer[where]! |= bits
}

/** A whole number from 0 to 2^53, seven bits a byte, the lowest first. */
export function varint(value: number): void {
  room(8)
  let rest = value
  while (rest > 0x7fffffff) {
    buffer[at++] = (rest % 128) | 0x80
    rest = floor(rest / 128)
  }
  while (rest > 127) {
    buffer[at++] = (rest & 127) | 0x80
    rest >>>= 7
  }
  buffer[at++] = rest
}

/** Little-endian. */
export function float32(value: number): void {
  room(4)
  float[0] = value
  for (let i = 0; i < 4; i++) buffer[at++] = floatBytes[i]!
}

export function float64(value: number): void {
  room(8)
  double[0] = value
  for (let i = 0; i < 8; i++) buffer[at++] = doubleBytes[i]!
}

/** One byte a character; false when one does not fit, and then nothing is written. */
export function narrow(text: string): boolean {
  const { length } = text
  room(length)
  for (let i = 0; i < length; i++) {
    const code = charCode(text, i)
    if (code > 255) return false
    buffer[at + i] = code
  }
  at += length
  return true
}

/** Two bytes a UTF-16 unit, the lower first: half of a surrogate pair stays what it is. */
export function wide(text: string): void {
  room(text.length * 2)
  for (let i = 0; i < text.length; i++) {
    const code = charCode(text, i)
    buffer[at++] = code & 255
    buffer[at++] = code >> 8
  }
}

/** A copy of the bytes from `from` on, in `into` where they fit. */
export function keep(from: number, into: Uint8Array): Uint8Array {
  const kept = sizeOf(into) < at - from ? new Bytes(capacity) : into
  fill(kept, part(buffer, from, at))
  return kept
}

/** Writes bytes that were kept. */
export function copy(kept: Uint8Array, from: number, to: number): void {
  room(to - from)
  for (let i = from; i < to; i++) buffer[at++] = kept[i]!
}

/** The bytes from `from` on as characters, and the buffer is as it was before them. */
export function take(from: number): string {
  let text = ''
  for (let start = from; start < at; start += CHUNK) {
    const end = start + CHUNK < at ? start + CHUNK : at
    text += apply(fromCharCode, undefined, part(buffer, start, end) as unknown as number[])
  }
  at = from
  return text
}
