// The writing side of a stream of states (SPEC, State in bytes): finds what changed since the last commit and packs it into few bytes.
//
// Runs inside the isolate, in the same realm as hostile code: everything it calls is captured when it loads, and what it must
// remember is in arrays and objects without a prototype.
import { begin, type Container, enter, isContainer, normal, refuse } from '../canonical.ts'
import type { Json } from '../messages.ts'
import * as bytes from './bytes.ts'
import * as tag from './tags.ts'
import { list, Node, toJson, type Value } from './tree.ts'

const isArray = Array.isArray
const keysOf = Object.keys
const hasOwn = Object.hasOwn
const create = Object.create as (prototype: null) => Record<string, never>
const { round, abs } = Math
const isInteger = Number.isInteger
const stringify = JSON.stringify

const MAX_EXACT = 2 ** 52 // zigzag doubles it
const NUMBER_CHARS = 12 // of a typical one in JSON, with its comma
const GROUP = 8 // places whose changes share a byte

interface Shapes {
  /** Keys by number. */
  keys: string[][]
  /** Number by the JSON of the keys; -1: seen once. */
  known: Record<string, number>
  chars: number
}

// What the walk that is going on has found; only one goes on at a time.
let factor: number | undefined // 10 ** precision: numbers travel in units of 1/factor
let shapes: Shapes
let growth = 0 // characters of JSON, at most, that the state has grown by
let changedNodes: Node[] = list()
let changedAt: number[] = list() // a place, or -1: the node gets new keys and values
let changedTo: unknown[] = list()

function note(node: Node, place: number, value: unknown): void {
  const i = changedNodes.length
  changedNodes[i] = node
  changedAt[i] = place
  changedTo[i] = value
}

/** The whole number that stands for `value` on the wire, if one does. */
function wholeOf(value: number): number | undefined {
  const whole = factor === undefined ? value : round(value * factor)
  return isInteger(whole) && abs(whole) <= MAX_EXACT ? whole : undefined
}
const zigzag = (value: number): number => (value < 0 ? -2 * value - 1 : 2 * value)

function writeNumber(value: number): void {
  const whole = wholeOf(value)
  if (whole === undefined) {
    if (factor === undefined && abs(value) < 3.4e38) {
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

function writeText(text: string): void {
  growth += text.length
  if (!bytes.isNarrow(text)) {
    bytes.byte(tag.WIDE_TEXT)
    bytes.varint(text.length)
    bytes.wide(text)
    return
  }
  if (text.length < tag.SHORT) bytes.byte(tag.TEXT + text.length)
  else {
    bytes.byte(tag.LONG_TEXT)
    bytes.varint(text.length)
  }
  bytes.narrow(text)
}

function writeLeaf(value: Exclude<Value, Node>): void {
  growth += NUMBER_CHARS
  if (typeof value === 'number') writeNumber(value)
  else if (typeof value === 'string') writeText(value)
  else bytes.byte(value === null ? tag.NULL : value ? tag.TRUE : tag.FALSE)
}

function writeKeys(keys: string[]): void {
  bytes.varint(keys.length)
  for (let i = 0; i < keys.length; i++) writeText(keys[i]!)
}

/** How an object with these keys begins. Keys seen for the second time become a shape, unless `learn` is false. */
function writeShape(keys: string[], learn: boolean): void {
  const name = keys.length <= tag.MAX_SHAPE_KEYS ? stringify(keys) : ''
  const number = name === '' ? undefined : shapes.known[name]
  if (number !== undefined && number >= 0) {
    if (number < tag.SHORT) bytes.byte(tag.SHAPED + number)
    else {
      bytes.byte(tag.SHAPED_MORE)
      bytes.varint(number)
    }
    return
  }
  const hasSpace = shapes.keys.length < tag.MAX_SHAPES && shapes.chars + name.length <= tag.MAX_SHAPE_CHARS
  if (learn && number === -1 && hasSpace) {
    shapes.known[name] = shapes.keys.length
    shapes.keys[shapes.keys.length] = keys
    shapes.chars += name.length
    bytes.byte(tag.NEW_SHAPE)
  } else {
    if (learn && name !== '' && hasSpace) shapes.known[name] = -1
    bytes.byte(tag.OBJECT)
  }
  writeKeys(keys)
}

/** Writes a container that readers do not have yet; its node. Brings `source` to canonical form. */
function writeNew(source: Container, depth: number): Node {
  if (isArray(source)) {
    const node = new Node(null)
    bytes.byte(tag.ARRAY)
    bytes.varint(source.length)
    for (let i = 0; i < source.length; i++) node.values[i] = writeEntry(source, i, depth)!
    return node
  }
  const keys = canonicalKeys(source, depth)
  writeShape(keys, true)
  const node = new Node(keys)
  for (let i = 0; i < keys.length; i++) node.values[i] = writeEntry(source, keys[i]!, depth)!
  return node
}

/** The keys of properties that are there; undefined ones are taken away. */
function canonicalKeys(source: Record<string, Json>, depth: number): string[] {
  const keys = keysOf(source)
  let gone = false
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i]!
    if (key === '__proto__') refuse(depth, key, 'a reserved key')
    growth += key.length + 4
    if (normal(source, key, depth) === undefined) gone = true
  }
  return gone ? keysOf(source) : keys
}

function writeEntry(source: Container, key: string | number, depth: number): Value {
  const value = normal(source, key, depth) ?? null // a getter may say undefined now
  enter(depth, key)
  if (isContainer(value)) return writeNew(value, depth + 1)
  writeLeaf(value)
  return value
}

// The places of a container whose changes are being written: a byte for each group of eight that has any, groups without any counted.
// Kept on the JavaScript stack by diffNode, which sets them again after it has gone into a child.

/** Writes how `node` becomes `source`; false when it is the same, and then nothing is written. */
function diffNode(node: Node, source: Container, depth: number): boolean {
  const start = bytes.at
  const opening = openNode(node, source, depth)
  const { values, count } = opening
  const keys = opening.keys
  let changed = opening.changed
  let group = -1 // the group that `mask` is the byte of
  let mask = 0
  let idle = 0 // the first group that has not been written or counted
  for (let i = 0; i < count; i++) {
    const key = keys === null ? i : keys[i]!
    const old = values[i]!
    const raw = (source as Record<string | number, unknown>)[key]
    if (raw === old && typeof raw !== 'object' && raw !== 0) continue // the common case: a leaf that stayed; -0 looks like 0
    const value = normal(source, key, depth) ?? null
    if (value === old) continue // null, 0
    const before = bytes.at
    const here = i >> 3
    if (here !== group) {
      if (here > idle) {
        bytes.byte(0)
        bytes.varint(here - idle)
      }
      bytes.byte(0)
    }
    const maskAt = here === group ? mask : bytes.at - 1
    if (!writeChange(node, i, old, value, depth, key)) {
      bytes.rewind(before)
      continue
    }
    bytes.amend(maskAt, 1 << (i & 7))
    group = here
    mask = maskAt
    idle = here + 1
    changed = true
  }
  if (!changed) {
    bytes.rewind(start)
    return false
  }
  if (idle < (count + GROUP - 1) >> 3) {
    bytes.byte(0)
    bytes.varint(0) // nothing in the groups that are left
  }
  closeNode(node, source, opening, depth)
  return true
}

interface Opening {
  /** What both sides have of the places that stay, in their new order. */
  keys: string[] | null
  values: Value[]
  count: number
  gained: string[] | undefined
  changed: boolean
}

/** Begins a change of `node`: what it has lost, and that it has gained. */
function openNode(node: Node, source: Container, depth: number): Opening {
  if (isArray(source)) {
    const had = node.values.length
    const has = source.length
    bytes.byte(tag.IN_ARRAY + (had === has ? 0 : tag.RESIZED))
    if (had === has) return { keys: null, values: node.values, count: has, gained: undefined, changed: false }
    bytes.varint(has)
    const count = had < has ? had : has
    const values = list<Value>()
    for (let i = 0; i < count; i++) values[i] = node.values[i]!
    note(node, -1, { keys: null, values })
    return { keys: null, values, count, gained: undefined, changed: true }
  }
  const before = node.keys!
  let now = keysOf(source)
  let same = now.length === before.length
  for (let i = 0; same && i < now.length; i++) same = now[i] === before[i]
  // A property that has become undefined is gone; it is looked for only where something else has changed its value.
  for (let i = 0; same && i < now.length; i++) if (source[now[i]!] === undefined) same = false
  if (same) {
    bytes.byte(tag.IN_OBJECT)
    return { keys: before, values: node.values, count: before.length, gained: undefined, changed: false }
  }
  now = canonicalKeys(source, depth)
  return openChanged(node, source, before, now)
}

function openChanged(node: Node, source: Container, before: string[], now: string[]): Opening {
  const lost: number[] = list()
  const keys: string[] = list()
  const values: Value[] = list()
  const stays = create(null) as Record<string, true>
  for (let i = 0; i < before.length; i++) {
    const key = before[i]!
    if (!hasOwn(source, key)) {
      lost[lost.length] = i
      continue
    }
    stays[key] = true
    values[keys.length] = node.values[i]!
    keys[keys.length] = key
  }
  const gained: string[] = list()
  for (let i = 0; i < now.length; i++) if (!stays[now[i]!]) gained[gained.length] = now[i]!
  bytes.byte(tag.IN_OBJECT + (lost.length > 0 ? tag.LOST : 0) + (gained.length > 0 ? tag.GAINED : 0))
  if (lost.length > 0) {
    bytes.varint(lost.length)
    let last = -1
    for (let i = 0; i < lost.length; i++) {
      bytes.varint(lost[i]! - last - 1)
      last = lost[i]!
    }
  }
  if (lost.length > 0 || gained.length > 0) note(node, -1, { keys, values })
  return { keys, values, count: keys.length, gained, changed: lost.length > 0 || gained.length > 0 }
}

/** Ends a change of a node: what it has gained. */
function closeNode(node: Node, source: Container, { keys, count, gained }: Opening, depth: number): void {
  if (keys === null) {
    for (let i = count; i < (source as Json[]).length; i++) note(node, i, writeEntry(source, i, depth))
    return
  }
  if (gained === undefined || gained.length === 0) return
  writeKeys(gained)
  for (let i = 0; i < gained.length; i++) {
    const value = writeEntry(source, gained[i]!, depth)
    keys[count + i] = gained[i]!
    note(node, count + i, value)
  }
}

/** Writes how one place changes; false when readers are not to notice. */
function writeChange(
  node: Node,
  place: number,
  old: Value,
  value: Json,
  depth: number,
  key: string | number,
): boolean {
  if (isContainer(value)) {
    enter(depth, key)
    if (old instanceof Node && (old.keys === null) === isArray(value) && keepsOrder(old, value))
      return diffNode(old, value, depth + 1)
    bytes.byte(tag.SET)
    note(node, place, writeNew(value, depth + 1))
    return true
  }
  note(node, place, value)
  if (typeof value === 'number' && typeof old === 'number') return writeNumberChange(old, value)
  if (typeof value === 'boolean' && typeof old === 'boolean') bytes.byte(tag.TOGGLE)
  else {
    bytes.byte(tag.SET)
    writeLeaf(value)
  }
  return true
}

function writeNumberChange(old: number, value: number): boolean {
  growth += NUMBER_CHARS
  const whole = wholeOf(value)
  if (whole === undefined) {
    if (factor === undefined && abs(value) < 3.4e38) {
      bytes.byte(tag.SET_FLOAT32)
      bytes.float32(value)
    } else {
      bytes.byte(tag.SET)
      writeNumber(value)
    }
    return true
  }
  const from = wholeOf(old)
  if (from === whole) return false // less than the precision
  const by = from === undefined ? MAX_EXACT : zigzag(whole - from)
  if (by < tag.BY_7) bytes.byte(by)
  else if (by < 1 << 14) {
    bytes.byte(tag.BY_14 | (by >> 8))
    bytes.byte(by & 255)
  } else if (by < 1 << 20) {
    bytes.byte(tag.BY_20 | (by >> 16))
    bytes.byte((by >> 8) & 255)
    bytes.byte(by & 255)
  } else {
    bytes.byte(tag.SET)
    writeNumber(value)
  }
  return true
}

/** Whether the keys that stay are in the order of before, with new ones after them: else both sides would number them differently. */
function keepsOrder(node: Node, source: Container): boolean {
  if (isArray(source)) return true
  const before = node.keys!
  const now = keysOf(source)
  let at = 0
  for (let i = 0; i < before.length; i++) {
    const key = before[i]!
    if (key === now[at]) at++
    else if (hasOwn(source, key)) return false
  }
  for (; at < now.length; at++) if (hasOwn(node, now[at]!) && false) return false
  return true
}

/** A state that readers follow. Values are brought to canonical form; what cannot be is refused with StateError. */
export class Stream {
  #root = new Node(null)
  #name: string
  #factor: number | undefined
  #shapes: Shapes = { keys: list(), known: create(null), chars: 0 }
  #delta = ''
  #nodes: Node[] = list()
  #at: number[] = list()
  #to: unknown[] = list()
  #growth = 0

  /** `precision`: decimal places that readers get; undefined: whole numbers exactly, others as 32-bit floats. `name` stands for the state in errors. */
  constructor(value: unknown, { precision, name = 'state' }: { precision?: number | undefined; name?: string } = {}) {
    this.#name = name
    this.#factor = precision === undefined ? undefined : 10 ** precision
    this.#root.values[0] = null
    this.diff(value)
    this.commit()
  }

  /** Whether `value` differs from the last commit; then `delta` says how. Nothing else has changed until `commit`. */
  diff(value: unknown): boolean {
    begin(this.#name)
    factor = this.#factor
    shapes = this.#shapes
    growth = 0
    changedNodes = list()
    changedAt = list()
    changedTo = list()
    const box: Json[] = list()
    box[0] = value === undefined ? null : (value as Json)
    const learned = shapes.keys.length
    const { chars } = shapes
    const start = bytes.at
    try {
      diffRoot(this.#root, box)
    } catch (error) {
      for (let i = learned; i < shapes.keys.length; i++) shapes.known[stringify(shapes.keys[i]!)] = -1
      shapes.keys.length = learned
      shapes.chars = chars
      bytes.rewind(start)
      throw error
    }
    return false
  }
}
