// The reading side of a stream of states (SPEC, State in bytes). Hostile bytes give `undefined`, and cost no more than their length.
import { MAX_STATE_DEPTH } from '../../limits.ts'
import { put } from '../canonical.ts'
import type { Json, Patch } from '../messages.ts'
import * as tag from './tags.ts'

/** What the stream has of a container: its values, and of an object its keys, in the order in which both sides number them. */
interface Node {
  keys: string[] | null
  values: (Leaf | Node)[]
}
type Leaf = null | boolean | number | string
const isNode = (value: Leaf | Node | undefined): value is Node => typeof value === 'object' && value !== null
const GROUP = 8 // as in diff.ts
const MAX_PRECISION = 16

class Malformed extends Error {}
function fail(): never {
  throw new Malformed('the bytes are not what a stream writes')
}

const ascii = new TextDecoder()
const LONG = 32 // from here on a decoder is faster
const float = new DataView(new ArrayBuffer(8))

export class StreamReader {
  #bytes: Uint8Array = new Uint8Array()
  #at = 0
  #factor: number | undefined
  #shapes: string[][] = []
  #root: { value: Leaf | Node } | undefined

  /** A copy of the state as the last message left it; null without one. */
  get state(): Json {
    return this.#root === undefined ? null : toJson(this.#root.value)
  }

  /** Begins with all that `Stream.full` wrote, from `offset` on; the state. Undefined: malformed, and there is none until the next `full`. */
  full(bytes: Uint8Array, offset = 0): Json | undefined {
    return this.#read(bytes, offset, () => {
      const precision = this.#byte()
      if (precision > MAX_PRECISION) fail()
      this.#factor = precision === 0 ? undefined : 10 ** (precision - 1)
      this.#shapes = []
      const count = this.#count()
      if (count > tag.MAX_SHAPES) fail()
      for (let i = 0; i < count; i++) this.#shapes.push(this.#keys())
      this.#root = { value: this.#value(0) }
      return toJson(this.#root.value)
    })
  }

  /** Applies what `Stream.diff` wrote, from `offset` on; the same as a patch. Undefined: malformed, or there is no state to apply it to. */
  delta(bytes: Uint8Array, offset = 0): Patch | undefined {
    return this.#read(bytes, offset, () => {
      const root = this.#root ?? fail()
      const change = this.#change(root.value, 0)
      if ('patch' in change) return change.patch
      root.value = change.value
      return { v: toJson(change.value) }
    })
  }

  #read<T>(bytes: Uint8Array, offset: number, read: () => T): T | undefined {
    this.#bytes = bytes
    this.#at = offset
    try {
      const result = read()
      if (this.#at !== bytes.length) fail()
      return result
    } catch (error) {
      if (!(error instanceof Malformed)) throw error
      this.#root = undefined // half applied is not applied
      return undefined
    }
  }

  #byte(): number {
    if (this.#at >= this.#bytes.length) fail()
    return this.#bytes[this.#at++]!
  }

  #varint(): number {
    let value = 0
    let scale = 1
    for (let i = 0; i < 8; i++) {
      const byte = this.#byte()
      value += (byte & 127) * scale
      if (byte < 128) return value
      scale *= 128
    }
    return fail()
  }

  /** Of things that take a byte each at least: no more than there are bytes. */
  #count(): number {
    const count = this.#varint()
    return count <= this.#bytes.length - this.#at ? count : fail()
  }

  #take(length: number): Uint8Array {
    if (length > this.#bytes.length - this.#at) fail()
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

  #text(first: number): string {
    if (first >= tag.TEXT && first < tag.TEXT + tag.SHORT) return this.#narrow(first - tag.TEXT)
    if (first === tag.LONG_TEXT) return this.#narrow(this.#varint())
    if (first === tag.WIDE_TEXT) return this.#wide(this.#varint())
    return fail()
  }

  #keys(): string[] {
    const count = this.#count()
    const keys: string[] = []
    for (let i = 0; i < count; i++) {
      const key = this.#text(this.#byte())
      if (key === '__proto__') fail()
      keys.push(key)
    }
    return keys
  }

  #float32(): number {
    const bytes = this.#take(4)
    for (let i = 0; i < 4; i++) float.setUint8(i, bytes[i]!)
    return shortest(float.getFloat32(0, true))
  }

  #float64(): number {
    const bytes = this.#take(8)
    for (let i = 0; i < 8; i++) float.setUint8(i, bytes[i]!)
    const value = float.getFloat64(0, true)
    return Number.isFinite(value) ? value : fail()
  }

  #shown(whole: number): number {
    return this.#factor === undefined ? whole : whole / this.#factor
  }

  /** Reads a value that goes into a container at `depth`. */
  #value(depth: number): Leaf | Node {
    const first = this.#byte()
    if (first < tag.SMALL) return this.#shown(first)
    if (first === tag.NULL) return null
    if (first === tag.FALSE || first === tag.TRUE) return first === tag.TRUE
    if (first === tag.NUMBER) return this.#shown(unzigzag(this.#varint()))
    if (first === tag.FLOAT32) return this.#float32()
    if (first === tag.FLOAT64) return this.#float64()
    if (first === tag.ARRAY) return this.#container(null, this.#count(), depth)
    const keys = this.#shapeOf(first)
    return keys ? this.#container(keys, keys.length, depth) : this.#text(first)
  }

  #container(keys: string[] | null, count: number, depth: number): Node {
    if (depth >= MAX_STATE_DEPTH || count > this.#bytes.length - this.#at) fail()
    const node: Node = { keys, values: [] }
    for (let i = 0; i < count; i++) node.values.push(this.#value(depth + 1))
    return node
  }

  /** The keys of an object that begins with this byte; undefined: no object does. */
  #shapeOf(first: number): string[] | undefined {
    if (first >= tag.SHAPED && first < tag.SHAPED + tag.SHORT) return this.#shape(first - tag.SHAPED)
    if (first === tag.SHAPED_MORE) return this.#shape(this.#varint())
    if (first === tag.OBJECT) return this.#keys()
    if (first !== tag.NEW_SHAPE) return undefined
    const keys = this.#keys()
    if (this.#shapes.length >= tag.MAX_SHAPES) fail()
    this.#shapes.push(keys)
    return keys
  }

  #shape(number: number): string[] {
    return this.#shapes[number] ?? fail()
  }

  /** Reads how `old`, which is in a container at `depth`, changes: to another value, or by a patch of itself. */
  #change(old: Leaf | Node, depth: number): { value: Leaf | Node } | { patch: Patch } {
    const first = this.#byte()
    if (first < tag.SET) return { value: this.#grown(old, first) }
    if (first === tag.SET) return { value: this.#value(depth) }
    if (first === tag.SET_FLOAT32) return { value: this.#float32() }
    if (first === tag.TOGGLE) return { value: typeof old === 'boolean' ? !old : fail() }
    if (!isNode(old) || depth >= MAX_STATE_DEPTH) fail()
    if (old.keys === null && (first & ~tag.RESIZED) === tag.IN_ARRAY) return { patch: this.#inArray(old, first, depth) }
    if (old.keys !== null && (first & ~(tag.LOST | tag.GAINED)) === tag.IN_OBJECT)
      return { patch: this.#inObject(old, old.keys, first, depth) }
    return fail()
  }

  #grown(old: Leaf | Node, first: number): number {
    if (typeof old !== 'number') fail()
    const whole = this.#factor === undefined ? old : Math.round(old * this.#factor)
    return this.#shown(whole + this.#growth(first))
  }

  /** By how much a number grows, of a change that begins with this byte. */
  #growth(first: number): number {
    if (first < tag.BY_7) return unzigzag(first)
    if (first < tag.BY_20) return unzigzag(((first & 63) << 8) | this.#byte())
    return unzigzag(((first & 15) << 16) | (this.#byte() << 8) | this.#byte())
  }

  #inArray(node: Node, first: number, depth: number): Patch {
    const had = node.values.length
    const has = first & tag.RESIZED ? this.#varint() : had
    if (has > had && has - had > this.#bytes.length - this.#at) fail()
    const patch: Patch = has === had ? {} : { l: has }
    node.values.length = Math.min(had, has)
    this.#changes(node, patch, depth)
    for (let i = had; i < has; i++) this.#put(node, patch, i, this.#value(depth + 1))
    return patch
  }

  #inObject(node: Node, before: string[], first: number, depth: number): Patch {
    const patch: Patch = {}
    if (first & tag.LOST) patch.d = this.#lose(node, before)
    this.#changes(node, patch, depth)
    if (!(first & tag.GAINED)) return patch
    const gained = this.#keys()
    const stays = node.values.length
    const keys = [...node.keys!, ...gained] // a shape is shared, so it is not added to
    if (new Set(keys).size !== keys.length) fail()
    node.keys = keys
    for (let i = 0; i < gained.length; i++) this.#put(node, patch, stays + i, this.#value(depth + 1))
    return patch
  }

  /** Takes the keys away that are named by their places; which they were. */
  #lose(node: Node, before: string[]): string[] {
    const lost = new Set<number>()
    for (let count = this.#count(), last = -1; count > 0; count--) {
      last += this.#varint() + 1
      if (last >= before.length) fail()
      lost.add(last)
    }
    node.values = node.values.filter((_, place) => !lost.has(place))
    node.keys = before.filter((_, place) => !lost.has(place))
    return before.filter((_, place) => lost.has(place))
  }

  #put(node: Node, patch: Patch, place: number, value: Leaf | Node): void {
    node.values[place] = value
    patch.s ??= {}
    put(patch.s, keyOf(node, place), toJson(value))
  }

  /** Reads the changes of places that stay. */
  #changes(node: Node, patch: Patch, depth: number): void {
    const count = node.values.length
    for (let first = 0; first < count; ) {
      const mask = this.#byte()
      if (mask === 0) {
        const idle = this.#varint()
        if (idle === 0) return
        first += idle * GROUP
        continue
      }
      for (let bit = 0; bit < GROUP; bit++) if (mask & (1 << bit)) this.#changeAt(node, patch, first + bit, depth)
      first += GROUP
    }
  }

  #changeAt(node: Node, patch: Patch, place: number, depth: number): void {
    if (place >= node.values.length) fail()
    const change = this.#change(node.values[place]!, depth + 1)
    if ('value' in change) this.#put(node, patch, place, change.value)
    else {
      patch.p ??= {}
      put(patch.p, keyOf(node, place), change.patch)
    }
  }
}

const keyOf = ({ keys }: Node, place: number): string | number => (keys === null ? place : keys[place]!)

function toJson(value: Leaf | Node): Json {
  if (!isNode(value)) return value
  const { keys, values } = value
  if (keys === null) return values.map(toJson)
  const out: Record<string, Json> = {}
  for (let i = 0; i < keys.length; i++) put(out, keys[i]!, toJson(values[i]!))
  return out
}

const unzigzag = (value: number): number => (value % 2 === 0 ? value / 2 : -(value + 1) / 2)

/** The shortest decimal that is this 32-bit float: 0.1 was written as 0.1, not as 0.10000000149011612. */
function shortest(value: number): number {
  if (!Number.isFinite(value)) fail()
  for (let digits = 6; digits < 9; digits++) {
    const short = Number(value.toPrecision(digits))
    if (Math.fround(short) === value) return short
  }
  return value
}
