// What browsers tell each other directly: what ours say is understood, and nothing else breaks anything.
import { describe, expect, it } from 'vitest'
import { below, randomState, seeded } from '../testing/random-states.ts'
import { plain } from './canonical.ts'
import { packInput, packState, readPeerMessage } from './peer.ts'

const SEED = Number(process.env.FUZZ_SEED ?? Date.now() % 2 ** 31)

describe('[PP1] a message between browsers', () => {
  it('carries a state with its number', () => {
    const value = { ball: { x: 1.5, y: -2 }, names: ['Ada', 'é☃'], deep: [[[{}]]] }
    expect(readPeerMessage(packState(3, 17, value)!)).toEqual({ kind: 'state', e: 3, n: 17, value })
  })
  it('carries an input with its number', () => {
    expect(readPeerMessage(packInput(1_700_000_000_000, { left: 1 }))).toEqual({
      kind: 'input',
      n: 1_700_000_000_000,
      input: { left: 1 },
    })
  })
  it('carries no state that is too large for one, which goes through the room', () => {
    expect(packState(1, 1, 'x'.repeat(16_000))).toBeDefined()
    expect(packState(1, 1, 'x'.repeat(17_000))).toBeUndefined()
  })
})

describe('[PP3] hostile bytes', () => {
  const text = (value: string) => {
    const bytes = new Uint8Array(1 + value.length)
    bytes.set([2, ...new TextEncoder().encode(value)])
    return bytes
  }
  it.each<[string, Uint8Array<ArrayBuffer>]>([
    ['nothing', new Uint8Array()],
    ['an unknown kind', new Uint8Array([9, 1, 2])],
    ['a state without a state', packState(1, 1, 1)!.slice(0, 17)],
    ['a state whose number is none', packState(1, Number.NaN, 1)!],
    ['too much', new Uint8Array(16_385).fill(1)],
    ['an input that is no JSON', text('[1,')],
    ['an input without a number', text('["1",1]')],
    ['an input with more than it has', text('[1,1,1]')],
    ['an input that is too large', packInput(1, 'x'.repeat(1_001))],
    ['an input that is no UTF-8', new Uint8Array([2, 255, 255])],
  ])('%s is no message', (_, bytes) => {
    expect(readPeerMessage(bytes)).toBeUndefined()
  })

  it(`never throw, whatever they are (FUZZ_SEED=${SEED})`, () => {
    const random = seeded(SEED)
    let understood = 0
    for (let i = 0; i < 3_000; i++) {
      const bytes = packState(1, i + 1, plain(randomState(random), 'state')) ?? packInput(i, 'x')
      for (let k = below(random, 4); k > 0; k--) bytes[below(random, bytes.length)] = below(random, 256)
      if (readPeerMessage(bytes.slice(0, random() < 0.2 ? below(random, bytes.length) : bytes.length))) understood++
    }
    expect(understood).toBeGreaterThan(300)
  })
})
