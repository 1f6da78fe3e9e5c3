// Finds how a tree of nodes becomes a JavaScript value, and writes it as bytes on the way. The value is brought to canonical form;
// the tree stays as it is, and what it would become is noted. Captures what it calls, as all code inside the isolate.
import { type Container, count, enter, isContainer, normal, refuse } from '../canonical.ts'
import type { Json } from '../messages.ts'
import * as bytes from './bytes.ts'
import type { Parts } from './shown.ts'
import * as tag from './tags.ts'
import { list, Node, type Value } from './tree.ts'
import { type Leaf, type Shapes, writeKeys, writeLeaf, writeLeafChange, writeNumberChange } from './write.ts'

const isArray = Array.isArray
const keysOf = Object.keys
const hasOwn = Object.hasOwn
const finite = Number.isFinite
const Doubles = Float64Array
const ObjectPrototype = Object.prototype

const LEAF_CHARS = 12 // of a typical number in JSON, with its comma
const KEPT = 1_000 // notes whose arrays are used again
const GROUP = 8 // places whose changes share a byte

/** Notes of one walk: what the tree would become. */
export class Changes {
  #nodes: Node[] = list()
  #places: number[] = list() // -1: the node itself; -2 - place: a number
  #values: unknown[] = list()
  #numbers = new Doubles(KEPT) // where the place says so: no number becomes an object of its own on the way
  length = 0

  place(node: Node, place: number, value: Value): void {
    if (typeof value === 'number') this.number(node, place, value)
    else this.#add(node, place, value)
  }
  number(node: Node, place: number, value: number): void {
    const at = this.length++
    if (at >= this.#numbers.length) this.#grow()
    this.#nodes[at] = node
    this.#places[at] = -2 - place
    this.#values[at] = undefined
    this.#numbers[at] = value
  }
  #grow(): void {
    const larger = new Doubles(this.length * 2)
    for (let i = 0; i < this.#numbers.length; i++) larger[i] = this.#numbers[i]!
    this.#numbers = larger
  }
  /** The node keeps `values`, under `keys`. */
  rebuild(node: Node, keys: string[] | null, values: Value[]): void {
    this.#add(node, -1, { keys, values })
  }
  /** The node gets `values` under `keys` too, each at its place among all. */
  merge(node: Node, keys: string[], values: Value[], places: number[]): void {
    this.#add(node, -1, { keys, values, places })
  }
  /** For the next walk. What was noted longest stays in memory, which is less work than new arrays a walk. */
  clear(): void {
    if (this.length > KEPT) {
      this.#nodes.length = KEPT
      this.#places.length = KEPT
      this.#values.length = KEPT
      this.#numbers = new Doubles(KEPT)
    }
    this.length = 0
  }
  #add(node: Node, place: number, value: unknown): void {
    this.#nodes[this.length] = node
    this.#places[this.length] = place
    this.#values[this.length++] = value
  }

  /** Makes it so, in order. */
  apply(): void {
    for (let i = 0; i < this.length; i++) {
      const node = this.#nodes[i]!
      const place = this.#places[i]!
      if (place < -1) node.values[-2 - place] = this.#numbers[i]!
      else if (place >= 0) node.values[place] = this.#values[i] as Value
      else {
        const { keys, values, places } = this.#values[i] as Pick<Node, 'keys' | 'values'> & { places?: number[] }
        if (places) merge(node, keys!, values, places)
        else {
          node.keys = keys
          node.values = values
        }
      }
    }
  }
}

function merge(node: Node, gained: string[], gainedValues: Value[], places: number[]): void {
  const keys: string[] = list()
  const values: Value[] = list()
  const count = node.values.length + gained.length
  for (let i = 0, next = 0; i < count; i++) {
    const isNew = next < gained.length && places[next] === i
    keys[i] = isNew ? gained[next]! : node.keys![i - next]!
    values[i] = isNew ? gainedValues[next]! : node.values[i - next]!
    if (isNew) next++
  }
  node.keys = keys
  node.values = values
}

// The walk that is going on; there is only ever one.
let factor: number | undefined
let shapes: Shapes
let changes: Changes
let growth = 0
let notes: Parts | undefined // of a state that views show parts of
let shown: Parts | undefined // of the state of which a view is walked
let arrays = 0 // around the place being walked: what is in an array has no node to keep
let isPolluted = false // `for in` would find more than an object's own keys

export interface How {
  factor: number | undefined
  shapes: Shapes
  changes: Changes
  /** Where to note what a view may show. */
  notes: Parts | undefined
  /** Parts that this value may have in common with another, walked before it. */
  shown: Parts | undefined
}

/** Writes how the one value of `root` becomes the one value of `box`, and notes it in `changes`. Returns how many characters of JSON it has grown by at most. Throws StateError. */
export function diff(root: Node, box: Json[], how: How): number {
  factor = how.factor
  shapes = how.shapes
  changes = how.changes
  notes = how.notes
  shown = how.shown
  arrays = 0
  growth = 0
  isPolluted = keysOf(ObjectPrototype).length > 0
  const value = normal(box, 0, 0)!
  if (value !== root.values[0]) diffPlace(root, 0, root.values[0]!, value, 0)
  return growth
}

/** Writes a container that readers do not have; its node. */
function writeNew(source: Container, depth: number): Node {
  const part = shown?.find(source, depth)
  if (part !== undefined) {
    writePart(part)
    return part
  }
  const start = bytes.at
  const node = isArray(source) ? writeNewArray(source, depth) : writeNewObject(source, depth)
  if (notes !== undefined && arrays === 0) notes.note(node, source, depth, start, false)
  return node
}

function writeNewArray(source: Json[], depth: number): Node {
  const node = new Node(null)
  const { length } = source
  count(length * 2) // each at least a digit and a comma
  bytes.byte(tag.ARRAY)
  bytes.varint(length)
  arrays++
  for (let i = 0; i < length; i++) node.values[i] = writeEntry(source, i, depth)
  arrays--
  return node
}

function writeNewObject(source: Record<string, Json>, depth: number): Node {
  const keys = canonicalKeys(source, depth)
  const node = new Node(keys)
  count(keys.length * 2)
  shapes.write(keys, true)
  for (let i = 0; i < keys.length; i++) {
    growth += keys[i]!.length + 3
    count(keys[i]!.length)
    node.values[i] = writeEntry(source, keys[i]!, depth)
  }
  return node
}

/** Writes a part of the state that readers of a view do not have. */
function writePart({ keys, values }: Node): void {
  count(values.length * 2)
  if (keys === null) {
    bytes.byte(tag.ARRAY)
    bytes.varint(values.length)
  } else shapes.write(keys, true)
  for (let i = 0; i < values.length; i++) {
    if (keys !== null) count(keys[i]!.length)
    const value = values[i]!
    if (value instanceof Node) writePart(value)
    else {
      grow(value)
      writeLeaf(value, factor)
    }
  }
}

/** The keys of `source` without those whose value is undefined, which are taken away. */
function canonicalKeys(source: Record<string, Json>, depth: number): string[] {
  const keys = keysOf(source)
  let gone = false
  for (let i = 0; i < keys.length; i++) {
    if (keys[i] === '__proto__') refuse(depth, '__proto__', 'a reserved key')
    if (normal(source, keys[i]!, depth) === undefined) gone = true
  }
  return gone ? keysOf(source) : keys
}

function writeEntry(source: Container, key: string | number, depth: number): Value {
  const value = normal(source, key, depth) ?? null // a getter may say undefined now
  enter(depth, key)
  if (isContainer(value)) return writeNew(value, depth + 1)
  grow(value)
  writeLeaf(value, factor)
  return value
}

function grow(value: Leaf): void {
  growth += LEAF_CHARS
  if (typeof value === 'string') {
    growth += value.length
    count(value.length)
  }
}

/** Writes how one place of a node changes; false, and nothing is written, when readers are not to notice. */
function diffPlace(node: Node, place: number, old: Value, value: Json, depth: number): boolean {
  if (!isContainer(value)) {
    grow(value)
    changes.place(node, place, value)
    return writeLeafChange(old instanceof Node ? undefined : old, value, factor)
  }
  const part = shown?.find(value, depth + 1)
  if (part !== undefined && part === old) {
    const { from, to, portable } = part.part!
    if (from === to) return false
    if (portable) {
      shown!.write(part.part!)
      return true
    }
  }
  const isOwn = shown === undefined || (part === undefined && old instanceof Node && old.part === undefined)
  if (isOwn && old instanceof Node && (old.keys === null) === isArray(value)) {
    const start = bytes.at
    const noted = changes.length
    const written = shapes.written
    const outcome = isArray(value) ? diffArray(old, value, depth + 1) : diffObject(old, value, depth + 1)
    if (outcome !== 'reordered') {
      if (notes !== undefined && arrays === 0) notes.note(old, value, depth + 1, start, shapes.written === written)
      return outcome
    }
    bytes.rewind(start)
    changes.length = noted
  }
  bytes.byte(tag.SET)
  changes.place(node, place, writeNew(value, depth + 1))
  return true
}

function diffArray(node: Node, source: Json[], depth: number): boolean {
  const start = bytes.at
  const had = node.values.length
  const has = source.length
  const stays = had < has ? had : has
  bytes.byte(tag.IN_ARRAY + (had === has ? 0 : tag.RESIZED))
  if (had !== has) {
    bytes.varint(has)
    if (has > had) count((has - had) * 2)
    changes.rebuild(node, null, firstOf(node.values, stays))
  }
  arrays++
  const changed = diffPlaces(node, node.values, null, stays, source, depth) === true
  for (let i = stays; i < has; i++) changes.place(node, i, writeEntry(source, i, depth))
  arrays--
  if (had === has && !changed) bytes.rewind(start)
  return had !== has || changed
}

function firstOf(values: Value[], count: number): Value[] {
  const first = list<Value>()
  for (let i = 0; i < count; i++) first[i] = values[i]!
  return first
}

/** `reordered`: the keys that stay are in another order, so that both sides would number them differently. */
function diffObject(node: Node, source: Record<string, Json>, depth: number): boolean | 'reordered' {
  const start = bytes.at
  const noted = changes.length
  const learned = shapes.keys.length
  bytes.byte(node.keys!.length <= tag.SMALL_KEYS ? tag.IN_SMALL : tag.IN_OBJECT)
  const changed = isPolluted ? 'other' : diffSame(node, source, depth)
  if (changed === true) return true
  bytes.rewind(start)
  if (changed === false) return false
  changes.length = noted
  shapes.rollback(learned)
  return diffKeys(node, source, canonicalKeys(source, depth), depth)
}

/**
 * As diffPlaces, for an object that has kept its keys; `other`: it has not. The code of a game's hottest loop: keys are not copied and not looked
 * up, which is what `for in` can do, and numbers that change are not made objects.
 */
function diffSame(node: Node, source: Record<string, Json>, depth: number): boolean | 'other' {
  const { values: olds } = node
  const keys = node.keys!
  const count = keys.length
  const isSmall = count <= tag.SMALL_KEYS // then the bits are in the byte before
  let changed = false
  let idle = 0 // groups passed since the last byte of a group
  let maskAt = isSmall ? bytes.at - 1 : -1
  let mask = 0
  let start = bytes.at
  let i = 0
  for (const key in source) {
    if (i >= count || key !== keys[i]) return 'other'
    if (i % GROUP === 0 && i > 0) {
      if (mask === 0) {
        bytes.rewind(start)
        idle++
      } else {
        bytes.amend(maskAt, mask)
        idle = 0
        changed = true
      }
      maskAt = -1
      mask = 0
      start = bytes.at
    }
    const raw: unknown = source[key]
    const old = olds[i]!
    const place = i++
    if (raw === old && raw !== 0) continue // a leaf that stayed; -0 would look like 0
    const isNumber = typeof raw === 'number' && finite(raw) && (raw !== 0 || 1 / raw > 0)
    if (isNumber && raw === old) continue
    if (maskAt < 0) {
      if (idle > 0) {
        bytes.byte(0)
        bytes.varint(idle)
      }
      maskAt = bytes.at
      bytes.byte(0)
    }
    if (isNumber && typeof old === 'number') {
      growth += LEAF_CHARS
      changes.number(node, place, raw)
      if (writeNumberChange(old, raw, factor)) mask |= 1 << (place % GROUP)
      continue
    }
    const value = normal(source, key, depth)
    if (value === undefined) return 'other'
    if (value === old) continue
    enter(depth, key)
    if (diffPlace(node, place, old, value, depth)) mask |= 1 << (place % GROUP)
  }
  if (i !== count) return 'other'
  if (mask !== 0) {
    bytes.amend(maskAt, mask)
    idle = 0
    changed = true
  } else if (count > 0) {
    bytes.rewind(start)
    idle++
  }
  if (idle > 0 && !isSmall) {
    bytes.byte(0)
    bytes.varint(0)
  }
  return changed
}

/**
 * Writes which of the first `count` places change and how: a byte for each group of eight in which any does, and a zero with a count for
 * groups in which none does; a count of zero ends it. `gone`: a property of an object is undefined, so it has fewer keys than it seemed.
 */
function diffPlaces(
  node: Node,
  olds: Value[],
  keys: string[] | null,
  count: number,
  source: Container,
  depth: number,
): boolean | 'gone' {
  let changed = false
  let idle = 0 // groups passed since the last byte of a group
  for (let first = 0; first < count; first += GROUP) {
    const start = bytes.at
    const end = first + GROUP < count ? first + GROUP : count
    let maskAt = -1
    let mask = 0
    for (let i = first; i < end; i++) {
      const key = keys === null ? i : keys[i]!
      const raw = (source as Record<string | number, unknown>)[key]
      const old = olds[i]!
      if (raw === old && raw !== 0) continue // a leaf that stayed; -0 would look like 0
      const value = normal(source, key, depth)
      if (value === undefined) return 'gone'
      if (value === old) continue
      if (maskAt < 0) {
        if (idle > 0) {
          bytes.byte(0)
          bytes.varint(idle)
        }
        maskAt = bytes.at
        bytes.byte(0)
      }
      enter(depth, key)
      if (diffPlace(node, i, old, value, depth)) mask |= 1 << (i - first)
    }
    if (mask === 0) {
      bytes.rewind(start)
      idle++
    } else {
      bytes.amend(maskAt, mask)
      idle = 0
      changed = true
    }
  }
  if (idle > 0) {
    bytes.byte(0)
    bytes.varint(0)
  }
  return changed
}

/** An object that has lost or gained keys. */
function diffKeys(node: Node, source: Record<string, Json>, now: string[], depth: number): boolean | 'reordered' {
  const before = node.keys!
  const lost: number[] = list()
  const keys: string[] = list()
  const values: Value[] = list()
  for (let i = 0; i < before.length; i++) {
    if (!hasOwn(source, before[i]!)) lost[lost.length] = i
    else {
      values[keys.length] = node.values[i]!
      keys[keys.length] = before[i]!
    }
  }
  const stays = keys.length
  const gained: string[] = list()
  const places: number[] = list()
  for (let i = 0; i < now.length; i++) {
    if (now[i] === keys[i - gained.length]) continue
    places[gained.length] = i
    gained[gained.length] = now[i]!
  }
  if (stays + gained.length !== now.length) return 'reordered' // a key that stays was taken for one that comes
  const start = bytes.at
  bytes.byte(tag.IN_OBJECT + (lost.length > 0 ? tag.LOST : 0) + (gained.length > 0 ? tag.GAINED : 0))
  if (lost.length > 0) {
    bytes.varint(lost.length)
    writePlaces(lost)
  }
  changes.rebuild(node, keys, values) // from here on places are numbered as they are after the loss
  const changed = diffPlaces(node, values, keys, stays, source, depth) === true
  if (gained.length > 0) {
    writeKeys(gained)
    writePlaces(places)
    const entries: Value[] = list()
    for (let i = 0; i < gained.length; i++) {
      growth += gained[i]!.length + 3
      count(gained[i]!.length)
      entries[i] = writeEntry(source, gained[i]!, depth)
    }
    changes.merge(node, gained, entries, places)
  }
  if (lost.length === 0 && gained.length === 0 && !changed) {
    bytes.rewind(start)
    return false
  }
  return true
}

/** Places in ascending order, each as how many are between it and the one before. */
function writePlaces(places: number[]): void {
  for (let i = 0, last = -1; i < places.length; i++) {
    bytes.varint(places[i]! - last - 1)
    last = places[i]!
  }
}
