// States through a writer and a reader. FUZZ_PAIRS=1000000 makes the long run; FUZZ_SEED=n repeats one.
import { isDeepStrictEqual } from 'node:util'
import { describe, expect, it } from 'vitest'
import { below, randomEdit, randomState, seeded } from '../../testing/random-states.ts'
import { plain } from '../canonical.ts'
import { applyPatch } from '../delta.ts'
import type { Json, Patch } from '../messages.ts'
import { StreamReader } from './reader.ts'
import { Stream } from './stream.ts'

const PAIRS = Number(process.env.FUZZ_PAIRS ?? 8_000)
const SEED = Number(process.env.FUZZ_SEED ?? Date.now() % 2 ** 31)
const bytesOf = (text: string) => Uint8Array.from(text, (char) => char.charCodeAt(0))

/** A reader that has the state of `stream`. */
function readerOf(stream: Stream): StreamReader {
  const reader = new StreamReader()
  expect(reader.full(bytesOf(stream.full()))).toBe(reader.state)
  return reader
}
/** Sends how the stream gets to `value`, also to a reader who is asked for no patches; how many bytes that took. */
function send(stream: Stream, reader: StreamReader, value: unknown, quiet?: StreamReader): number {
  const { bytes } = stream.diff(value)
  stream.commit()
  if (!bytes) return 0
  const before = structuredClone(reader.state)
  const patch: Patch = {}
  if (!reader.delta(bytesOf(bytes), 0, patch)) throw new Error('the reader refuses what the writer wrote')
  same(applyPatch(before, patch), reader.state, 'the patch says the same')
  if (quiet && !quiet.delta(bytesOf(bytes))) throw new Error('a reader without patches refuses what the writer wrote')
  return bytes.length
}

/** Whether `value` may be read as `seen` (SPEC ST7): without precision whole numbers are exact, others 32-bit floats, whatever decimal stands for them. */
function follows(seen: Json, value: Json, precision: number | undefined): boolean {
  if (typeof value === 'number') {
    const isExact = precision === undefined ? isWhole(value) : !isWhole(Math.round(value * 10 ** precision))
    if (isExact || typeof seen !== 'number' || Math.abs(value) >= 3.4e38) return seen === value
    if (precision === undefined) return Math.fround(seen) === (Math.fround(value) || 0)
    return seen === (Math.round(value * 10 ** precision) / 10 ** precision || 0)
  }
  if (typeof value !== 'object' || value === null) return seen === value
  if (typeof seen !== 'object' || seen === null || Array.isArray(seen) !== Array.isArray(value)) return false
  const [had, has] = [seen as Record<string, Json>, value as Record<string, Json>]
  const keys = Object.keys(has)
  return (
    Object.keys(had).length === keys.length &&
    keys.every((key) => Object.hasOwn(had, key) && follows(had[key]!, has[key]!, precision))
  )
}
const isWhole = (value: number) => Number.isInteger(value) && Math.abs(value) <= 2 ** 50
/** `toEqual` would take most of the time of a long run. */
function same(a: Json, b: Json, what: string): void {
  if (!isDeepStrictEqual(a, b)) expect(a, what).toEqual(b)
}

describe('a stream', () => {
  it('[BY4] a shape that was learned on the way to a place that turned out to be gone is told again', () => {
    const stream = new Stream({ first: null, second: null, gone: 1 })
    const reader = readerOf(stream)
    send(stream, reader, { first: { x: 1, y: 2 }, second: { x: 3, y: 4 }, gone: undefined })
    expect(reader.state).toEqual({ first: { x: 1, y: 2 }, second: { x: 3, y: 4 } })
  })

  it('[BY3] objects that keep few keys tell what changes in their first byte, also where a prototype has keys for all', () => {
    const stream = new Stream({ list: [{ x: 0, y: 0, owner: 1 }] })
    const reader = readerOf(stream)
    const small = send(stream, reader, { list: [{ x: 1, y: 2, owner: 1 }] })
    Object.defineProperty(Object.prototype, 'planted', { value: 1, enumerable: true, configurable: true })
    const polluted = send(stream, reader, { list: [{ x: 2, y: 3, owner: 1 }] })
    delete (Object.prototype as { planted?: unknown }).planted
    expect(reader.state).toEqual({ list: [{ x: 2, y: 3, owner: 1 }] })
    expect(small).toBe(polluted - 2) // once for the root and once for the row
  })

  it.each([undefined, 0, 2, 5])('[ST2] [ST7] a reader has what the writer has; precision %s', (precision) => {
    const random = seeded(SEED + (precision ?? 9))
    for (let pairs = 0; pairs < PAIRS / 4; ) {
      const from = `seed ${SEED}, pair ${pairs}`
      let value = plain(randomState(random), 'state')
      const stream = new Stream(structuredClone(value), { precision })
      const reader = readerOf(stream)
      const quiet = readerOf(stream) // is asked for no patches
      for (let steps = 1 + below(random, 12); steps > 0; steps--, pairs++) {
        value = plain(randomEdit(random, structuredClone(value)), 'state')
        if (random() < 0.1) stream.diff(randomState(random)) // a frame that is thrown away leaves no trace
        const given = structuredClone(value)
        send(stream, reader, given, quiet)
        same(quiet.state, reader.state, `${from}: with a patch or without`)
        same(given, value, `${from}: the value is left as it is`)
        same(stream.copy(), value, `${from}: the writer has the value exactly`)
        expect(JSON.stringify(stream.copy()), from).toBe(JSON.stringify(value)) // in the same order
        if (!follows(reader.state, value, precision)) expect(reader.state, `${from}: the reader`).toEqual(value)
        if (random() < 0.2) same(readerOf(stream).state, reader.state, `${from}: a newcomer has the same`)
      }
    }
  })
})

describe('few bytes', () => {
  const whole = (x: unknown, precision?: number) => new Stream({ x }, { precision }).full().length
  const change = (by: number, precision?: number) =>
    new Stream({ x: 5 }, { precision }).diff({ x: 5 + by }).bytes.length

  it('[BY1] a number is whole steps of its precision up to 2^50, else a float: of 64 bits, or of 32 without precision', () => {
    const least = whole(0)
    for (const [x, precision] of [
      [63, undefined],
      [0.25, 2],
      [0.001, 2],
    ] as const)
      expect([x, whole(x, precision)]).toEqual([x, least])
    expect(whole(2 ** 50 / 100, 2)).toBe(least + 8) // as a varint, which has seven bits a byte
    for (const x of [0.25, 2 ** 50 + 2, 1e30]) expect([x, whole(x)]).toEqual([x, least + 4])
    for (const x of [2 ** 50, 1e30]) expect([x, whole(x, 2)]).toEqual([x, least + 8])
    expect(whole(1e39)).toBe(least + 8)
    const read = (x: number, precision?: number) =>
      (readerOf(new Stream({ x }, { precision })).state as { x: number }).x
    expect(read(2 ** 50 - 1)).toBe(2 ** 50 - 1)
    expect(Math.fround(read(2 ** 50 + 1))).toBe(2 ** 50)
    expect(read(2 ** 50 + 1, 0)).toBe(2 ** 50 + 1)
    expect(read(0.126, 2)).toBe(0.13)
  })

  it.each([undefined, 1])('[BY2] a number that grew costs by how many steps; precision %s', (precision) => {
    const steps = precision === undefined ? 1 : 0.1
    const costs = (count: number) => change(count * steps, precision) - change(steps, precision)
    expect([63, 64, 8_191, 8_192, 524_287].map(costs)).toEqual([0, 1, 1, 2, 2])
    expect(costs(524_288)).toBeGreaterThan(2)
    expect([-63, -64, -65].map(costs)).toEqual([0, 0, 1])
  })

  it('[BY5] a text costs a byte a character, or two if one of them needs it; half of a pair stays what it is', () => {
    const head = whole('a'.repeat(100)) - 100
    expect(whole('é'.repeat(100))).toBe(head + 100)
    expect(whole(`${'é'.repeat(99)}ж`)).toBe(head + 200)
    const x = 'half \ud83d of a pair'
    expect(readerOf(new Stream({ x })).state).toEqual({ x })
  })

  const world = (tick: number) => ({
    players: Object.fromEntries(
      Array.from({ length: 8 }, (_, i) => [
        `p${i}`,
        { x: 100 + tick * 3.25, y: 80 - tick * 1.5, name: `Player ${i}`, score: tick },
      ]),
    ),
  })

  it('[BY3] what comes into sight costs itself, wherever it stands among the others, and what goes out of sight its place', () => {
    const seen = (...gone: number[]) => {
      const all = Array.from({ length: 60 }, (_, i) => [`entity${i}`, { x: i, y: 2 * i, kind: 1 }] as const)
      return Object.fromEntries(all.filter((_, i) => !gone.includes(i)))
    }
    const stream = new Stream(seen(0, 30))
    const reader = readerOf(stream)
    expect(send(stream, reader, seen(10))).toBeLessThan(60)
    expect(reader.state).toEqual(seen(10))
    expect(JSON.stringify(stream.copy())).toBe(JSON.stringify(seen(10))) // the writer keeps the order
    expect(send(stream, reader, seen(10, 20, 59))).toBeLessThan(8)
    expect(reader.state).toEqual(seen(10, 20, 59))
  })

  it('a player that moves costs a byte or two a field, and nothing for what stays', () => {
    const stream = new Stream(world(0), { precision: 2 })
    const reader = readerOf(stream)
    expect(send(stream, reader, world(1))).toBeLessThanOrEqual(8 * 8 + 6)
    expect(send(stream, reader, world(1))).toBe(0)
    expect(reader.state).toEqual(world(1))
  })

  it('less than the precision sends nothing, and adds up', () => {
    const stream = new Stream({ x: 0 }, { precision: 1 })
    const reader = readerOf(stream)
    for (let i = 1; i <= 4; i++) expect(send(stream, reader, { x: i / 100 })).toBe(0)
    expect(send(stream, reader, { x: 0.05 })).toBeGreaterThan(0)
    expect(reader.state).toEqual({ x: 0.1 })
  })

  it('objects of the same keys name them once', () => {
    const bullet = (i: number) => ({ positionX: i, positionY: i, remainingLife: 20 })
    const stream = new Stream({ bullets: [] as object[] }, {})
    const reader = readerOf(stream)
    const bullets = [bullet(0), bullet(1), bullet(2)]
    send(stream, reader, { bullets: [bullets[0]] })
    send(stream, reader, { bullets: bullets.slice(0, 2) })
    expect(send(stream, reader, { bullets })).toBeLessThan(12)
    expect(reader.state).toEqual({ bullets })
  })

  it('one of many costs a few bytes, wherever it is', () => {
    const items = Array.from({ length: 1_000 }, (_, i) => ({ id: i, on: false }))
    const stream = new Stream({ items }, {})
    const reader = readerOf(stream)
    items[777]!.on = true
    expect(send(stream, reader, { items })).toBeLessThan(12)
    expect(reader.state).toEqual({ items })
  })
})

describe('hostile bytes', () => {
  it('never throw, and never make more than a few times their length', () => {
    const random = seeded(SEED)
    let refused = 0
    let taken = 0
    for (let i = 0; i < 5_000; i++) {
      const stream = new Stream(randomState(random, 2))
      const reader = new StreamReader()
      const bytes = bytesOf(stream.full())
      const isHonest = random() < 0.2
      for (let flips = isHonest ? 0 : 1 + below(random, 4); flips > 0; flips--)
        bytes[below(random, bytes.length)] = below(random, 256)
      const ok = reader.full(bytes) !== undefined
      if (ok) taken++
      else refused++
      if (isHonest) expect(ok).toBe(true)
      reader.delta(Uint8Array.from({ length: below(random, 40) }, () => below(random, 256)))
      const made = JSON.stringify(reader.state).length
      expect(made).toBeLessThan(16_384 + 64 * bytes.length)
    }
    expect(refused).toBeGreaterThan(1_000)
    expect(taken).toBeGreaterThan(1_000)
  })

  it('[BY6] a change that breaks off leaves the state as it was; the whole one is done in place', () => {
    const random = seeded(SEED)
    let refused = 0
    for (let i = 0; i < 1_000; i++) {
      const from = `seed ${SEED}, ${i}`
      const value = { ...(randomState(random, 2) as object), fixed: { list: [1], word: 'a' } }
      const stream = new Stream(structuredClone(value))
      const full = bytesOf(stream.full())
      const bytes = bytesOf(stream.diff({ ...value, more: randomState(random, 2), fixed: { list: [2, 3] } }).bytes)
      for (let cut = 0; cut < 3; cut++) {
        const reader = new StreamReader()
        const state = reader.full(full)!
        const before = structuredClone(state)
        const broken = bytes.slice(0, below(random, bytes.length))
        if (cut === 2) broken.fill(0xff, -1) // not only cut off: no change begins so, and no value
        if (reader.delta(broken)) continue
        refused++
        same(state, before, from)
        expect(reader.state).toBe(null)
        expect(reader.delta(bytes)).toBe(false)
      }
      const reader = new StreamReader()
      const state = reader.full(full) as { fixed: { list: number[] } }
      const { list } = state.fixed
      expect(reader.delta(bytes)).toBe(true)
      expect(reader.state).toBe(state)
      expect(state.fixed.list).toBe(list)
      expect(list).toEqual([2, 3])
    }
    expect(refused).toBeGreaterThan(2_000)
  })

  it.each([
    ['no bytes', []],
    ['an array of 2^50 values', [0, 0, 0xc8, 255, 255, 255, 255, 255, 255, 255, 3]],
    ['a text longer than the message', [0, 0, 0xc6, 200, 1, 65]],
    ['a shape that nobody defined', [0, 0, 0xa3]],
    ['2^40 shapes', [0, 128, 128, 128, 128, 128, 32]],
    ['a __proto__ key', [0, 0, 0xc9, 1, 0x89, ...bytesOf('__proto__'), 1]],
    ['depth without end', [0, 0, ...Array(200).fill([0xc8, 1]).flat(), 1]],
    ['bytes after the end', [0, 0, 1, 1]],
    ['an infinite number', [0, 0, 0xc4, 0, 0, 0x80, 0x7f]],
    ['an unknown tag', [0, 0, 0xfe]],
  ])('%s is refused', (_what, bytes) => {
    const reader = new StreamReader()
    expect(reader.full(Uint8Array.from(bytes as number[]))).toBe(undefined)
    expect(reader.state).toBe(null)
    expect(reader.delta(Uint8Array.from([0]))).toBe(false)
    expect(reader.full(bytesOf(new Stream({ x: 1 }).full()))).toEqual({ x: 1 })
    expect(reader.state).toEqual({ x: 1 })
  })
})
