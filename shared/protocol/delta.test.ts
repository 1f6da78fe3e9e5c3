import { describe, expect, it } from 'vitest'
import { StateError } from './canonical.ts'
import { applyPatch } from './delta.ts'

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
