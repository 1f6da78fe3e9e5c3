// The reading side of a stream of states (SPEC, State in bytes). Hostile bytes give `undefined` or false, and cost no more than their length.
// The bytes are walked once: what they change of the state is noted on the way, and done in place when all of them have been read.
import { MAX_STATE_DEPTH } from '../../limits.ts'
import type { Json, Patch } from '../messages.ts'
import { Cursor, fail, Malformed } from './cursor.ts'
import { type Container, Notes } from './notes.ts'
import * as tag from './tags.ts'

/** A container of the state, and what the stream has of it: its values, and of an object its keys, in the order in which both sides number them. */
interface Node {
  json: Container
  keys: string[] | null
  values: Value[]
}
type Value = null | boolean | number | string | Node
const isNode = (value: Value | undefined): value is Node => typeof value === 'object' && value !== null
const jsonOf = (value: Value): Json => (isNode(value) ? (value.json as Json) : value)
const keyOf = ({ keys }: Node, place: number): string | number => (keys === null ? place : keys[place]!)
const GROUP = 8 // as in diff.ts
const MAX_PRECISION = 16

export class StreamReader {
  #cursor = new Cursor()
  #notes = new Notes()
  #factor: number | undefined
  #shapes: string[][] = []
  /** Around the state. */
  #box: Node | undefined

  /** The state as the last message left it, which the next `delta` changes in place; null without one. */
  get state(): Json {
    return this.#box === undefined ? null : this.#box.json[0]!
  }

  /** Begins with all that `Stream.full` wrote, from `offset` on; the state. Undefined: malformed, and there is none until the next `full`. */
  full(bytes: Uint8Array, offset = 0): Json | undefined {
    this.#box = undefined
    return this.#read(bytes, offset, () => this.#all()) ? this.state : undefined
  }

  /**
   * Changes the state as `Stream.diff` wrote it, from `offset` on; `patch`, an empty one, comes to say the same. False: malformed, or there is
   * no state to change. Whoever has the state then has it as it was, and there is no other until the next `full`.
   */
  delta(bytes: Uint8Array, offset = 0, patch?: Patch): boolean {
    const inBox: Patch | undefined = patch && {}
    const isRead = this.#read(bytes, offset, () => this.#changeAt(this.#box ?? fail(), 0, 0, inBox))
    if (isRead && inBox?.s) patch!.v = inBox.s[0]!
    if (isRead && inBox?.p) Object.assign(patch!, inBox.p[0])
    return isRead
  }

  #read(bytes: Uint8Array, offset: number, read: () => void): boolean {
    this.#cursor.open(bytes, offset)
    try {
      read()
      this.#cursor.end()
      this.#notes.apply()
      return true
    } catch (error) {
      if (!(error instanceof Malformed)) throw error
      this.#notes.clear()
      this.#box = undefined // the stream's own side is half changed
      return false
    } finally {
      this.#cursor.close()
    }
  }

  #all(): void {
    const precision = this.#cursor.byte()
    if (precision > MAX_PRECISION) fail()
    this.#factor = precision === 0 ? undefined : 10 ** (precision - 1)
    this.#shapes = []
    const count = this.#cursor.count()
    if (count > tag.MAX_SHAPES) fail()
    for (let i = 0; i < count; i++) this.#shapes.push(this.#cursor.keys())
    const value = this.#value(0)
    this.#box = { json: { 0: jsonOf(value) }, keys: null, values: [value] }
  }

  #shown(whole: number): number {
    return this.#factor === undefined ? whole : whole / this.#factor
  }

  /** Reads a value that goes into a container at `depth`. */
  #value(depth: number): Value {
    const first = this.#cursor.byte()
    if (first < tag.SMALL) return this.#shown(first)
    if (first === tag.NULL) return null
    if (first === tag.FALSE || first === tag.TRUE) return first === tag.TRUE
    if (first === tag.NUMBER) return this.#shown(unzigzag(this.#cursor.varint()))
    if (first === tag.FLOAT32) return this.#cursor.float32()
    if (first === tag.FLOAT64) return this.#cursor.float64()
    if (first === tag.ARRAY) return this.#container(null, this.#cursor.count(), depth)
    const keys = this.#shapeOf(first)
    return keys ? this.#container(keys, keys.length, depth) : this.#cursor.text(first)
  }

  #container(keys: string[] | null, count: number, depth: number): Node {
    if (depth >= MAX_STATE_DEPTH) fail()
    this.#cursor.fits(count)
    const json = (keys === null ? [] : {}) as Container
    const values: Value[] = []
    for (let i = 0; i < count; i++) {
      const value = this.#value(depth + 1)
      values.push(value)
      json[keys === null ? i : keys[i]!] = jsonOf(value)
    }
    return { json, keys, values }
  }

  /** The keys of an object that begins with this byte; undefined: no object does. */
  #shapeOf(first: number): string[] | undefined {
    if (first >= tag.SHAPED && first < tag.SHAPED + tag.SHORT) return this.#shape(first - tag.SHAPED)
    if (first === tag.SHAPED_MORE) return this.#shape(this.#cursor.varint())
    if (first === tag.OBJECT) return this.#cursor.keys()
    if (first !== tag.NEW_SHAPE) return undefined
    const keys = this.#cursor.keys()
    if (this.#shapes.length >= tag.MAX_SHAPES) fail()
    this.#shapes.push(keys)
    return keys
  }

  #shape(number: number): string[] {
    return this.#shapes[number] ?? fail()
  }

  /** Reads how what is at `place` of a container changes: to another value, or inside. `depth`: of the container that it may be. */
  #changeAt(node: Node, place: number, depth: number, patch: Patch | undefined): void {
    if (place >= node.values.length) fail()
    const old = node.values[place]!
    const first = this.#cursor.byte()
    if (first < tag.SET) this.#put(node, place, this.#grown(old, first), patch)
    else if (first === tag.SET) this.#put(node, place, this.#value(depth), patch)
    else if (first === tag.SET_FLOAT32) this.#put(node, place, this.#cursor.float32(), patch)
    else if (first === tag.TOGGLE) this.#put(node, place, typeof old === 'boolean' ? !old : fail(), patch)
    else {
      if (!isNode(old) || depth >= MAX_STATE_DEPTH) fail()
      const inside: Patch | undefined = patch && {}
      if (old.keys === null && (first & ~tag.RESIZED) === tag.IN_ARRAY) this.#inArray(old, first, depth, inside)
      else if (old.keys !== null && first >= tag.IN_SMALL) this.#inSmall(old, first & ~tag.IN_SMALL, depth, inside)
      else if (old.keys !== null && (first & ~(tag.LOST | tag.GAINED)) === tag.IN_OBJECT)
        this.#inObject(old, old.keys, first, depth, inside)
      else fail()
      if (patch) {
        patch.p ??= {}
        patch.p[keyOf(node, place)] = inside!
      }
    }
  }

  #put(node: Node, place: number, value: Value, patch: Patch | undefined): void {
    const key = keyOf(node, place)
    node.values[place] = value
    this.#notes.put(node.json, key, jsonOf(value))
    if (patch) {
      patch.s ??= {}
      patch.s[key] = copyOf(value)
    }
  }

  #grown(old: Value, first: number): number {
    if (typeof old !== 'number') fail()
    const whole = this.#factor === undefined ? old : Math.round(old * this.#factor)
    return this.#shown(whole + this.#growth(first))
  }

  /** By how much a number grows, of a change that begins with this byte. */
  #growth(first: number): number {
    if (first < tag.BY_7) return unzigzag(first)
    if (first < tag.BY_20) return unzigzag(((first & 63) << 8) | this.#cursor.byte())
    return unzigzag(((first & 15) << 16) | (this.#cursor.byte() << 8) | this.#cursor.byte())
  }

  #inArray(node: Node, first: number, depth: number, patch: Patch | undefined): void {
    const had = node.values.length
    const has = first & tag.RESIZED ? this.#cursor.varint() : had
    if (has > had) this.#cursor.fits(has - had)
    if (has < had) this.#notes.put(node.json, 'length', has)
    if (patch && has !== had) patch.l = has
    node.values.length = Math.min(had, has)
    this.#changes(node, depth, patch)
    for (let i = had; i < has; i++) this.#put(node, i, this.#value(depth + 1), patch)
  }

  #inSmall(node: Node, bits: number, depth: number, patch: Patch | undefined): void {
    for (let place = 0, mask = bits; mask !== 0; place++, mask >>= 1)
      if (mask & 1) this.#changeAt(node, place, depth + 1, patch)
  }

  #inObject(node: Node, before: string[], first: number, depth: number, patch: Patch | undefined): void {
    if (first & tag.LOST) this.#lose(node, before, patch)
    this.#changes(node, depth, patch)
    if (!(first & tag.GAINED)) return
    const gained = this.#cursor.keys()
    const places = this.#gain(node, gained)
    for (const place of places) this.#put(node, place, this.#value(depth + 1), patch)
  }

  /** Makes room for these keys; their places. */
  #gain(node: Node, gained: string[]): number[] {
    const places: number[] = []
    const keys: string[] = [] // a shape is shared, so it is not added to
    const values: Value[] = []
    let stayed = 0
    const stay = (until: number) => {
      if (until > node.values.length) fail()
      for (; stayed < until; stayed++) {
        keys.push(node.keys![stayed]!)
        values.push(node.values[stayed]!)
      }
    }
    for (const key of gained) {
      stay(stayed + this.#cursor.varint())
      places.push(keys.length)
      keys.push(key)
      values.push(null)
    }
    stay(node.values.length)
    if (new Set(keys).size !== keys.length) fail()
    node.keys = keys
    node.values = values
    return places
  }

  /** Takes the keys away that are named by their places. */
  #lose(node: Node, before: string[], patch: Patch | undefined): void {
    const lost = new Set<number>()
    for (let count = this.#cursor.count(), last = -1; count > 0; count--) {
      last += this.#cursor.varint() + 1
      if (last >= before.length) fail()
      lost.add(last)
      this.#notes.put(node.json, before[last]!, undefined)
    }
    node.values = node.values.filter((_, place) => !lost.has(place))
    node.keys = before.filter((_, place) => !lost.has(place))
    if (patch) patch.d = before.filter((_, place) => lost.has(place))
  }

  /** Reads the changes of places that stay. */
  #changes(node: Node, depth: number, patch: Patch | undefined): void {
    const count = node.values.length
    for (let first = 0; first < count; ) {
      let mask = this.#cursor.byte()
      if (mask === 0) {
        const idle = this.#cursor.varint()
        if (idle === 0) return
        first += idle * GROUP
        continue
      }
      for (let place = first; mask !== 0; place++, mask >>= 1)
        if (mask & 1) this.#changeAt(node, place, depth + 1, patch)
      first += GROUP
    }
  }
}

/** A copy for a patch, which may wait while the state goes on. */
function copyOf(value: Value): Json {
  if (!isNode(value)) return value
  const { keys, values } = value
  if (keys === null) return values.map(copyOf)
  const out: Record<string, Json> = {}
  for (let i = 0; i < keys.length; i++) out[keys[i]!] = copyOf(values[i]!)
  return out
}

const unzigzag = (value: number): number => (value % 2 === 0 ? value / 2 : -(value + 1) / 2)
