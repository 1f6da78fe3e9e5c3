import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { plain, StateError, TooLargeError } from './canonical.ts'
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

describe('[ST5] a value that is clearly too large is refused before it is walked to its end', () => {
  const cases: [string, unknown][] = [
    ['a long text', { text: 'x'.repeat(2_000) }],
    ['one text many times', { list: Array(100).fill('0123456789') }],
    ['four billion holes', { list: new Array(2 ** 32 - 1) }],
    ['long keys', { ['k'.repeat(2_000)]: 1 }],
  ]
  for (const [what, state] of cases) {
    it(what, () => {
      const message = 'state is too large; the limit is 1000 characters of JSON'
      expect(() => plain(state, 'state', 1_000)).toThrow(TooLargeError)
      expect(() => new Stream(state, { maxChars: 1_000 })).toThrow(message)
      const stream = new Stream({ list: [] }, { maxChars: 1_000 })
      expect(() => stream.diff(state)).toThrow(message)
      expect(stream.copy()).toEqual({ list: [] })
    })
  }
  it('and what fits to the character is not', () => {
    const json = fc.jsonValue({ maxDepth: 4 }).map((value) => JSON.stringify(value))
    fc.assert(
      fc.property(
        json.filter((text) => !text.includes('__proto__')),
        (text) => {
          const maxChars = text.length
          expect(plain(JSON.parse(text), 'state', maxChars)).toEqual(JSON.parse(text === '-0' ? '0' : text))
          const stream = new Stream(null, { maxChars })
          expect(() => stream.diff(JSON.parse(text))).not.toThrow()
        },
      ),
    )
  })
})
