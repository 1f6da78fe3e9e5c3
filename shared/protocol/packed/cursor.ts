// Bytes as they are read one after the other. What goes beyond their end, and what no writer makes, throws Malformed.
import * as tag from './tags.ts'

export class Malformed extends Error {}
export function fail(): never {
  throw new Malformed('the bytes are not what a stream writes')
}

const ascii = new TextDecoder()
const LONG = 32 // from here on a decoder is faster
const float = new DataView(new ArrayBuffer(8))
const NOTHING = new Uint8Array()

export class Cursor {
  #bytes: Uint8Array = NOTHING
  #at = 0

  open(bytes: Uint8Array, offset: number): void {
    this.#bytes = bytes
    this.#at = offset
  }
  /** Nothing may be left. */
  end(): void {
    if (this.#at !== this.#bytes.length) fail()
  }
  close(): void {
    this.#bytes = NOTHING
  }

  byte(): number {
    if (this.#at >= this.#bytes.length) fail()
    return this.#bytes[this.#at++]!
  }

  varint(): number {
    let value = 0
    let scale = 1
    for (let i = 0; i < 8; i++) {
      const byte = this.byte()
      value += (byte & 127) * scale
      if (byte < 128) return value
      scale *= 128
    }
    return fail()
  }

  /** Things that take a byte each at least: no more than there are bytes. */
  fits(count: number): number {
    return count <= this.#bytes.length - this.#at ? count : fail()
  }
  count(): number {
    return this.fits(this.varint())
  }

  float32(): number {
    const bytes = this.#take(4)
    for (let i = 0; i < 4; i++) float.setUint8(i, bytes[i]!)
    return shortest(float.getFloat32(0, true))
  }

  float64(): number {
    const bytes = this.#take(8)
    for (let i = 0; i < 8; i++) float.setUint8(i, bytes[i]!)
    const value = float.getFloat64(0, true)
    return Number.isFinite(value) ? value : fail()
  }

  /** The text that begins with this byte. */
  text(first: number): string {
    if (first >= tag.TEXT && first < tag.TEXT + tag.SHORT) return this.#narrow(first - tag.TEXT)
    if (first === tag.LONG_TEXT) return this.#narrow(this.varint())
    if (first === tag.WIDE_TEXT) return this.#wide(this.varint())
    return fail()
  }

  keys(): string[] {
    const count = this.count()
    const keys: string[] = []
    for (let i = 0; i < count; i++) {
      const key = this.text(this.byte())
      if (key === '__proto__') fail()
      keys.push(key)
    }
    return keys
  }

  #take(length: number): Uint8Array {
    this.fits(length)
    this.#at += length
    return this.#bytes.subarray(this.#at - length, this.#at)
  }

  #narrow(length: number): string {
    const bytes = this.#take(length)
    if (length >= LONG && bytes.every((byte) => byte < 128)) return ascii.decode(bytes)
    let text = ''
    for (let i = 0; i < length; i++) text += String.fromCharCode(bytes[i]!)
    return text
  }

  /** Half of a surrogate pair stays what it is, so no decoder of text will do. */
  #wide(length: number): string {
    const bytes = this.#take(length * 2)
    let text = ''
    for (let i = 0; i < bytes.length; i += 2) text += String.fromCharCode(bytes[i]! | (bytes[i + 1]! << 8))
    return text
  }
}

/** The shortest decimal that is this 32-bit float: 0.1 was written as 0.1, not as 0.10000000149011612. */
function shortest(value: number): number {
  if (!Number.isFinite(value)) fail()
  for (let digits = 6; digits < 9; digits++) {
    const short = Number(value.toPrecision(digits))
    if (Math.fround(short) === value) return short
  }
  return value
}
