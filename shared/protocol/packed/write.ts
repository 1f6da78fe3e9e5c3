// Leaves, texts, keys and shapes of a stream as bytes. Captures what it calls, as all code inside the isolate.
import * as bytes from './bytes.ts'
import * as tag from './tags.ts'
import { list } from './tree.ts'

const { round, abs } = Math
const isInteger = Number.isInteger
const stringify = JSON.stringify
const create = Object.create as (prototype: null) => Record<string, never>

const MAX_EXACT = 2 ** 50 // divided by a power of ten and multiplied again it is still exact
const MAX_FLOAT32 = 3.4e38

/** Lists of keys that objects of a stream share. Readers learn them in the same order. */
export class Shapes {
  keys: string[][] = list()
  /** How many objects have been written by them. */
  written = 0
  #known: Record<string, number> = create(null) // number by the JSON of the keys; -1: seen once
  #chars = 0
  #learned = 0 // as of the last commit

  /** Writes how an object with these keys begins. With `learn`, keys that are seen for the second time become a shape. */
  write(keys: string[], learn: boolean): void {
    this.written++
    const name = keys.length <= tag.MAX_SHAPE_KEYS ? stringify(keys) : ''
    const number = this.#known[name]
    if (number !== undefined && number >= 0) {
      if (number < tag.SHORT) bytes.byte(tag.SHAPED + number)
      else {
        bytes.byte(tag.SHAPED_MORE)
        bytes.varint(number)
      }
      return
    }
    const mayLearn = learn && name !== '' && this.#chars < tag.MAX_SHAPE_CHARS && this.keys.length < tag.MAX_SHAPES
    if (mayLearn && number === -1) {
      this.#known[name] = this.keys.length
      this.keys[this.keys.length] = keys
      this.#chars += name.length
      bytes.byte(tag.NEW_SHAPE)
    } else {
      if (mayLearn) {
        this.#known[name] = -1
        this.#chars += name.length
      }
      bytes.byte(tag.OBJECT)
    }
    writeKeys(keys)
  }

  /** Writes all of them, for a reader who begins now. */
  writeAll(): void {
    bytes.varint(this.keys.length)
    for (let i = 0; i < this.keys.length; i++) writeKeys(this.keys[i]!)
  }

  commit(): void {
    this.#learned = this.keys.length
  }
  /** Forgets all but the first `count` shapes, those of the last commit: no reader has heard of the others. */
  rollback(count = this.#learned): void {
    for (let i = count; i < this.keys.length; i++) this.#known[stringify(this.keys[i]!)] = -1
    this.keys.length = count
  }
}

export function writeKeys(keys: string[]): void {
  bytes.varint(keys.length)
  for (let i = 0; i < keys.length; i++) writeText(keys[i]!)
}

function writeText(text: string): void {
  const start = bytes.at
  if (text.length < tag.SHORT) bytes.byte(tag.TEXT + text.length)
  else {
    bytes.byte(tag.LONG_TEXT)
    bytes.varint(text.length)
  }
  if (bytes.narrow(text)) return
  bytes.rewind(start)
  bytes.byte(tag.WIDE_TEXT)
  bytes.varint(text.length)
  bytes.wide(text)
}

/** The whole number that stands for `value` on the wire, in units of 1/`factor`; undefined: none does. */
function wholeOf(value: number, factor: number | undefined): number | undefined {
  if (factor === undefined) return isInteger(value) && abs(value) <= MAX_EXACT ? value : undefined
  const whole = round(value * factor)
  return abs(whole) <= MAX_EXACT ? whole : undefined
}
const zigzag = (value: number): number => (value < 0 ? -2 * value - 1 : 2 * value)

function writeNumber(value: number, factor: number | undefined): void {
  const whole = wholeOf(value, factor)
  if (whole === undefined) {
    if (factor === undefined && abs(value) < MAX_FLOAT32) {
      bytes.byte(tag.FLOAT32)
      bytes.float32(value)
    } else {
      bytes.byte(tag.FLOAT64)
      bytes.float64(value)
    }
  } else if (whole >= 0 && whole < tag.SMALL) bytes.byte(whole)
  else {
    bytes.byte(tag.NUMBER)
    bytes.varint(zigzag(whole))
  }
}

export type Leaf = null | boolean | number | string

export function writeLeaf(value: Leaf, factor: number | undefined): void {
  if (typeof value === 'number') writeNumber(value, factor)
  else if (typeof value === 'string') writeText(value)
  else bytes.byte(value === null ? tag.NULL : value ? tag.TRUE : tag.FALSE)
}

/** Writes how a leaf changes, `old` undefined: it was a container; false, and nothing is written, when readers are not to notice. */
export function writeLeafChange(old: Leaf | undefined, value: Leaf, factor: number | undefined): boolean {
  if (typeof value === 'number' && typeof old === 'number') return writeNumberChange(old, value, factor)
  if (typeof value === 'boolean' && typeof old === 'boolean') bytes.byte(tag.TOGGLE)
  else {
    bytes.byte(tag.SET)
    writeLeaf(value, factor)
  }
  return true
}

/** As writeLeafChange, for two numbers. */
export function writeNumberChange(old: number, value: number, factor: number | undefined): boolean {
  const whole = wholeOf(value, factor)
  if (whole === undefined && factor === undefined && abs(value) < MAX_FLOAT32) {
    bytes.byte(tag.SET_FLOAT32)
    bytes.float32(value)
    return true
  }
  const from = whole === undefined ? undefined : wholeOf(old, factor)
  if (from !== undefined && from === whole) return false // less than the precision
  const by = from === undefined ? tag.MAX_BY : zigzag(whole! - from)
  if (by < tag.BY_7) bytes.byte(by)
  else if (by < 1 << 14) {
    bytes.byte(tag.BY_14 | (by >> 8))
    bytes.byte(by & 255)
  } else if (by < tag.MAX_BY) {
    bytes.byte(tag.BY_20 | (by >> 16))
    bytes.byte((by >> 8) & 255)
    bytes.byte(by & 255)
  } else {
    bytes.byte(tag.SET)
    writeNumber(value, factor)
  }
  return true
}
