import fc from 'fast-check'
import { expect, it } from 'vitest'
import { Schedule } from './schedule.ts'

it('gives what is due in order of time, however often it was put off or dropped', () => {
  const change = fc.record({ item: fc.nat(9), atMs: fc.oneof(fc.nat(100), fc.constant(Infinity)) })
  fc.assert(
    fc.property(fc.array(change, { maxLength: 60 }), fc.nat(100), (changes, nowMs) => {
      const schedule = new Schedule<number>()
      const expected = new Map<number, number>()
      for (const { item, atMs } of changes) {
        schedule.set(item, atMs)
        expected.set(item, atMs)
      }
      const due = [...expected.values()].filter((atMs) => atMs <= nowMs).sort((a, b) => a - b)
      const taken: number[] = []
      for (let item = schedule.take(nowMs); item !== undefined; item = schedule.take(nowMs)) taken.push(item)
      expect(taken.map((item) => expected.get(item))).toEqual(due)
      expect(new Set(taken).size).toBe(taken.length)
      const later = [...expected.values()].filter((atMs) => atMs > nowMs)
      expect(schedule.nextMs).toBe(Math.min(...later, Infinity))
    }),
  )
})
