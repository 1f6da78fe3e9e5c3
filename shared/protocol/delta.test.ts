import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { applyPatch, Shadow, StateError } from './delta.ts'
import type { Json } from './messages.ts'

const wire = <T>(value: T): T => JSON.parse(JSON.stringify(value))
const json = fc.jsonValue({ maxDepth: 4 }).map((value) => wire(value) as Json)
const safe = (value: Json) => !JSON.stringify(value).includes('__proto__')

describe('[ST2] a delta applied to the state before it gives exactly the state after it', () => {
  it('for random pairs of states', () => {
    fc.assert(
      fc.property(fc.array(json.filter(safe), { minLength: 2, maxLength: 5 }), (states) => {
        const shadow = new Shadow(wire(states[0]))
        let client = wire(shadow.value)
        for (const state of states.slice(1)) {
          const patch = shadow.diff(wire(state))
          if (patch) client = applyPatch(client, wire(patch))
          shadow.commit()
          expect(client).toEqual(state)
          expect(JSON.stringify(shadow.value)).toBe(JSON.stringify(state)) // the same order of keys too
        }
      }),
      { numRuns: 2_000 },
    )
  })

  it('for a state changed in place, and an unchanged state has no delta', () => {
    const state = { players: { a: { x: 1 }, b: { x: 2 } } as Record<string, { x: number }>, list: [1, 2, 3] }
    const shadow = new Shadow(state)
    expect(shadow.diff(state)).toBeUndefined()
    delete state.players.a
    state.players.b!.x = 3
    state.list.push(4)
    expect(shadow.diff(state)).toEqual({
      p: { players: { d: ['a'], p: { b: { s: { x: 3 } } } }, list: { l: 4, s: { 3: 4 } } },
    })
  })

  it('and until commit the shadow is still the state before', () => {
    const shadow = new Shadow({ a: 1 })
    shadow.diff({ a: 2 })
    expect(shadow.copy()).toEqual({ a: 1 })
    shadow.commit()
    expect(shadow.copy()).toEqual({ a: 2 })
  })
})

describe('[ST3] the state is brought to canonical form in place', () => {
  it('NaN, infinities, -0, undefined and holes become what JSON makes of them', () => {
    // biome-ignore lint/suspicious/noSparseArray: a hole is what is tested
    const state = { nan: Number.NaN, inf: -Infinity, zero: -0, gone: undefined, list: [undefined, , 1] }
    const shadow = new Shadow(state)
    const expected = { nan: null, inf: null, zero: 0, list: [null, null, 1] }
    expect(shadow.value).toStrictEqual(expected)
    expect(state).toStrictEqual(expected)
  })
})

describe('[ST4] what cannot be state is refused with its path', () => {
  const cycle: Record<string, unknown> = {}
  cycle.self = { again: cycle }
  const cases: [string, unknown, RegExp][] = [
    ['a Map', { a: { b: new Map() } }, /state\.a\.b is a Map/],
    ['a Date', { when: new Date(0) }, /state\.when is a Date/],
    ['a function', { list: [() => 1] }, /state\.list\[0\] is a function/],
    ['a BigInt', { n: 1n }, /state\.n is a bigint/],
    ['a symbol', { s: Symbol('s') }, /state\.s is a symbol/],
    ['a class instance', { p: new (class Ship {})() }, /state\.p is a Ship/],
    ['a cycle', cycle, /nested more than 64 levels/],
    ['a __proto__ key', JSON.parse('{"a":{"__proto__":{"x":1}}}'), /state\.a\.__proto__ is a reserved key/],
  ]
  for (const [what, state, message] of cases) {
    it(what, () => {
      expect(() => new Shadow(state)).toThrow(StateError)
      expect(() => new Shadow(state)).toThrow(message)
      expect(() => new Shadow({}).diff(state)).toThrow(message)
    })
  }
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
