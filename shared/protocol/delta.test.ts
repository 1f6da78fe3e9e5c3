import { describe, expect, it } from 'vitest'
import { randomEdit, randomState, seeded } from '../testing/random-states.ts'
import { plain, StateError } from './canonical.ts'
import { applyPatch, makePatch } from './delta.ts'

const SEED = Number(process.env.FUZZ_SEED ?? Date.now() % 2 ** 31)

describe('a patch', () => {
  it(`[ST2] applied to the state before gives the state after (FUZZ_SEED=${SEED})`, () => {
    const random = seeded(SEED)
    let changed = 0
    for (let i = 0; i < 2_000; i++) {
      const before = plain(randomState(random), 'state')
      const after = plain(random() < 0.8 ? randomEdit(random, structuredClone(before)) : randomState(random), 'state')
      const patch = makePatch(before, after)
      if (patch === undefined) expect(before).toEqual(after)
      else {
        changed++
        expect(applyPatch(structuredClone(before), JSON.parse(JSON.stringify(patch)))).toEqual(after)
      }
    }
    expect(changed).toBeGreaterThan(1_000)
  })
  it('names only what changed', () => {
    const before = { a: { b: 1, c: [1, 2, 3] }, d: 4, e: 5 }
    expect(makePatch(before, { a: { b: 2, c: [1, 2] }, d: 4 })).toEqual({
      d: ['e'],
      p: { a: { s: { b: 2 }, p: { c: { l: 2 } } } },
    })
    expect(makePatch(before, structuredClone(before))).toBeUndefined()
  })
})

describe('a hostile patch', () => {
  it('cannot reach a prototype', () => {
    const value = applyPatch({ a: 1 }, JSON.parse('{"s":{"__proto__":{"bad":1}},"p":{}}'))
    expect(({} as Record<string, unknown>).bad).toBeUndefined()
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype)
  })
  it('cannot make an array of a billion holes', () => {
    expect(() => applyPatch([1], { l: 1e9 })).toThrow(StateError)
    expect(applyPatch([1], { l: 2, s: { 1: 5 } })).toEqual([1, 5])
  })
})
