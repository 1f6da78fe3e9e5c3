import { describe, expect, it } from 'vitest'
import { plain, StateError } from './canonical.ts'
import { Stream } from './packed/stream.ts'

describe('[ST3] the state is brought to canonical form in place', () => {
  it('NaN, infinities, -0, undefined and holes become what JSON makes of them', () => {
    // biome-ignore lint/suspicious/noSparseArray: a hole is what is tested
    const state = { nan: Number.NaN, inf: -Infinity, zero: -0, gone: undefined, list: [undefined, , 1] }
    const value = plain(state, 'state')
    const expected = { nan: null, inf: null, zero: 0, list: [null, null, 1] }
    expect(value).toStrictEqual(expected)
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
      expect(() => plain(state, 'state')).toThrow(StateError)
      expect(() => plain(state, 'state')).toThrow(message)
      expect(() => new Stream(state)).toThrow(message)
      const stream = new Stream({ a: { b: 1 } })
      expect(() => stream.diff(state)).toThrow(message)
      expect(stream.copy()).toEqual({ a: { b: 1 } })
    })
  }
})
