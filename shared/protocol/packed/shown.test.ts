// Views of a state through streams that share its parts. FUZZ_PAIRS and FUZZ_SEED as in packed.test.ts.
import { isDeepStrictEqual } from 'node:util'
import { describe, expect, it } from 'vitest'
import { below, type Random, randomEdit, randomState, seeded } from '../../testing/random-states.ts'
import type { Json } from '../messages.ts'
import { StreamReader } from './reader.ts'
import { Stream } from './stream.ts'

const STEPS = Number(process.env.FUZZ_PAIRS ?? 8_000) / 8
const SEED = Number(process.env.FUZZ_SEED ?? Date.now() % 2 ** 31)
const bytesOf = (text: string) => Uint8Array.from(text, (char) => char.charCodeAt(0))

function readerOf(stream: Stream): StreamReader {
  const reader = new StreamReader()
  expect(reader.full(bytesOf(stream.full()))).toBe(reader.state)
  return reader
}
const isRecord = (value: Json): value is Record<string, Json> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** What somebody may see of the state: parts of it as they are, in containers made for the occasion, or copies. */
function look(random: Random, state: Json): unknown {
  const parts = isRecord(state) ? Object.entries(state) : []
  const some = parts.filter(() => random() < 0.7)
  switch (below(random, 7)) {
    case 0:
      return state
    case 1:
      return { seen: Object.fromEntries(some), count: some.length }
    case 2:
      return some.map(([, part]) => part)
    case 3:
      return { far: { down: { here: state } } }
    case 4:
      return { twice: [state, state], one: parts[0]?.[1] ?? null }
    case 5:
      return structuredClone(state)
    default:
      return { seen: Object.fromEntries(some.map(([name, part]) => [name, isRecord(part) ? { ...part } : part])) }
  }
}

describe('parts of a state that views show', () => {
  it.each([undefined, 2])('[ST6] [ST7] a reader of a view has what it shows; precision %s', (precision) => {
    const random = seeded(SEED + (precision ?? 9))
    for (let steps = 0; steps < STEPS; ) {
      const from = `seed ${SEED}, step ${steps}`
      let state = randomState(random)
      const room = new Stream(state, { precision, isShown: true })
      const views = Array.from({ length: 3 }, () => {
        const stream = new Stream(look(random, state), { precision, of: room })
        return { stream, reader: readerOf(stream), style: seeded(below(random, 1e6)) }
      })
      for (let left = 1 + below(random, 12); left > 0; left--, steps++) {
        for (let edits = below(random, 3); edits > 0; edits--) state = randomEdit(random, state)
        if (random() < 0.1) room.diff(randomState(random)) // a frame that is thrown away
        room.diff(state)
        room.commit()
        for (const { stream, reader, style } of views) {
          const seen = look(random() < 0.8 ? seeded(7 + views.length) : style, state)
          const { bytes } = stream.diff(seen)
          stream.commit()
          if (bytes !== '') expect(reader.delta(bytesOf(bytes)), from).toBe(true)
          const expected = readerOf(new Stream(structuredClone(seen), { precision })).state
          if (!isDeepStrictEqual(reader.state, expected)) expect(reader.state, from).toEqual(expected)
          if (random() < 0.1) expect(readerOf(stream).state, `${from}: a newcomer`).toEqual(expected)
        }
      }
    }
  })

  it('[ST6] what many see costs each of them the bytes of the change alone', () => {
    const entities = Object.fromEntries(
      Array.from({ length: 50 }, (_, i) => [`e${i}`, { x: i, y: i, kind: 1, tags: { a: 1 } }]),
    )
    const state = { entities }
    const room = new Stream(state, { isShown: true })
    const see = () => ({ entities: Object.fromEntries(Object.entries(entities).filter(([, { x }]) => x >= 10)) })
    const stream = new Stream(see(), { of: room })
    const reader = readerOf(stream)
    entities.e20!.y++
    entities.e3!.y++
    room.diff(state)
    room.commit()
    const { bytes } = stream.diff(see())
    stream.commit()
    expect(reader.delta(bytesOf(bytes))).toBe(true)
    expect(reader.state).toEqual(see())
    expect(bytes.length).toBeLessThan(12)
  })
})
