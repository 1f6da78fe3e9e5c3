// The reading side of a stream of states (SPEC, State in bytes). Hostile bytes give `undefined`, and cost no more than their length.

import { MAX_STATE_DEPTH } from '../../limits.ts'
import { put } from '../canonical.ts'
import type { Json } from '../messages.ts'
import * as tag from './tags.ts'

/** What the stream has of a container: keys in its order, and numbers as the whole ones that travelled. */
interface Node {
  keys: string[] | null
  values: (Leaf | Node)[]
  /** The same for whoever looks at the state. */
  target: Record<string | number, Json>
}
type Leaf = null | boolean | number | string
const isNode = (value: Leaf | Node | undefined): value is Node => typeof value === 'object' && value !== null

const GROUP = 8 // as in diff.ts

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
  #root: Node | undefined

  /** The whole state as the last message left it; containers are changed in place from message to message. */
  get state(): Json {
    return this.#root?.target[0] ?? null
  }

  /** Begins with all that `Stream.full` wrote, from `offset` on. False: malformed, and there is no state until the next `full`. */
  full(bytes: Uint8Array, offset = 0): boolean {
    return this.#read(bytes, offset, () => {
      const precision = this.#byte()
      if (precision > 16) fail()
      this.#factor = precision === 0 ? undefined : 10 ** (precision - 1)
      this.#shapes = []
      const count = this.#count()
      if (count > tag.MAX_SHAPES) fail()
      for (let i = 0; i < count; i++) this.#shapes.push(this.#keys())
      const root: Node = { keys: null, values: [], target: [] as unknown as Node['target'] }
      this.#value(root, 0, 0)
      this.#root = root
    })
  }

  /** Applies what `Stream.diff` wrote, from `offset` on. False: malformed, or there is no state that it could apply to. */
  delta(bytes: Uint8Array, offset = 0): boolean {
    return this.#read(bytes, offset, () => {
      const root = this.#root
      if (!root) fail()
      this.#change(root, 0, 0)
    })
  }

  #read(bytes: Uint8Array, offset: number, read: () => void): boolean {
    this.#bytes = bytes
    this.#at = offset
    try {
      read()
      if (this.#at !== bytes.length) fail()
      return true
    } catch (error) {
      if (!(error instanceof Malformed)) throw error
      this.#root = undefined // half applied is not applied
      return false
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

  #leaf(node: Node, place: number, value: Leaf): void {
    node.values[place] = value
    this.#show(node, place, value)
  }

  #whole(node: Node, place: number, value: number): void {
    node.values[place] = value
    this.#show(node, place, this.#factor === undefined ? value : value / this.#factor)
  }

  #show(node: Node, place: number, value: Json): void {
    put(node.target, node.keys === null ? place : node.keys[place]!, value)
  }

  /** Reads a value into a place of `node`, which is at `depth`. */
  #value(node: Node, place: number, depth: number): void {
    const first = this.#byte()
    if (first < tag.SMALL) this.#whole(node, place, first)
    else if (first === tag.NULL) this.#leaf(node, place, null)
    else if (first === tag.FALSE || first === tag.TRUE) this.#leaf(node, place, first === tag.TRUE)
    else if (first === tag.NUMBER) this.#whole(node, place, unzigzag(this.#varint()))
    else if (first === tag.FLOAT32) this.#leaf(node, place, this.#float32())
    else if (first === tag.FLOAT64) this.#leaf(node, place, this.#float64())
    else if (first === tag.ARRAY) this.#array(node, place, depth)
    else {
      const keys = this.#shapeOf(first)
      if (keys) this.#object(node, place, keys, depth)
      else this.#leaf(node, place, this.#text(first))
    }
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

  #child(node: Node, place: number, keys: string[] | null, depth: number): Node {
    if (depth >= MAX_STATE_DEPTH) fail()
    const target = (keys === null ? [] : {}) as Node['target']
    const child: Node = { keys, values: [], target }
    node.values[place] = child
    this.#show(node, place, target)
    return child
  }

  #array(node: Node, place: number, depth: number): void {
    const count = this.#count()
    const child = this.#child(node, place, null, depth)
    for (let i = 0; i < count; i++) this.#value(child, i, depth + 1)
  }

  #object(node: Node, place: number, keys: string[], depth: number): void {
    if (keys.length > this.#bytes.length - this.#at) fail()
    const child = this.#child(node, place, keys, depth)
    for (let i = 0; i < keys.length; i++) this.#value(child, i, depth + 1)
  }

  /** Reads a change of a place of `node`, which is at `depth`. */
  #change(node: Node, place: number, depth: number): void {
    const first = this.#byte()
    const old = node.values[place]
    if (first < tag.SET) this.#by(node, place, this.#growth(first))
    else if (first === tag.SET) this.#value(node, place, depth)
    else if (first === tag.SET_FLOAT32) this.#leaf(node, place, this.#float32())
    else if (first === tag.TOGGLE) this.#leaf(node, place, typeof old === 'boolean' ? !old : fail())
    else if (!isNode(old) || depth >= MAX_STATE_DEPTH) fail()
    else if (old.keys === null && (first & ~tag.RESIZED) === tag.IN_ARRAY) this.#inArray(old, first, depth + 1)
    else if (old.keys !== null && (first & ~(tag.LOST | tag.GAINED)) === tag.IN_OBJECT)
      this.#inObject(old, old.keys, first, depth + 1)
    else fail()
  }

  /** By how much a number grows, of a change that begins with this byte. */
  #growth(first: number): number {
    if (first < tag.BY_7) return unzigzag(first)
    if (first < tag.BY_20) return unzigzag(((first & 63) << 8) | this.#byte())
    return unzigzag(((first & 15) << 16) | (this.#byte() << 8) | this.#byte())
  }

  #by(node: Node, place: number, growth: number): void {
    const old = node.values[place]
    if (typeof old !== 'number') fail()
    this.#whole(node, place, old + growth)
  }

  #inArray(node: Node, first: number, depth: number): void {
    const had = node.values.length
    const has = first & tag.RESIZED ? this.#varint() : had
    if (has > had && has - had > this.#bytes.length - this.#at) fail()
    const stays = Math.min(had, has)
    node.values.length = stays
    ;(node.target as unknown as Json[]).length = stays
    this.#changes(node, stays, depth)
    for (let i = stays; i < has; i++) this.#value(node, i, depth)
  }

  #inObject(node: Node, before: string[], first: number, depth: number): void {
    if (first & tag.LOST) this.#lose(node, before)
    this.#changes(node, node.values.length, depth)
    if (!(first & tag.GAINED)) return
    const gained = this.#keys()
    const stays = node.values.length
    const keys = [...node.keys!, ...gained] // a shape is shared, so it is not added to
    if (new Set(keys).size !== keys.length) fail()
    node.keys = keys
    for (let i = 0; i < gained.length; i++) this.#value(node, stays + i, depth)
  }

  #lose(node: Node, before: string[]): void {
    const lost = new Set<number>()
    for (let count = this.#count(), last = -1; count > 0; count--) {
      last += this.#varint() + 1
      if (last >= before.length) fail()
      lost.add(last)
    }
    for (const place of lost) delete node.target[before[place]!]
    node.values = node.values.filter((_, place) => !lost.has(place))
    node.keys = before.filter((_, place) => !lost.has(place))
  }

  /** Reads the changes of the first `count` places. */
  #changes(node: Node, count: number, depth: number): void {
    const groups = Math.ceil(count / GROUP)
    for (let group = 0; group < groups; ) {
      const mask = this.#byte()
      if (mask === 0) {
        const idle = this.#varint()
        if (idle === 0) return
        group += idle
        continue
      }
      for (let bit = 0; bit < GROUP; bit++) {
        if (!(mask & (1 << bit))) continue
        const place = group * GROUP + bit
        if (place >= count) fail()
        this.#change(node, place, depth)
      }
      group++
    }
  }
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
