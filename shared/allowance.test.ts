import { expect, it } from 'vitest'
import { Allowance } from './allowance.ts'

it('a burst is let through, then so many a second', () => {
  const allowance = new Allowance(10, 3)
  const takes = (nowMs: number, times: number) => Array.from({ length: times }, () => allowance.take(nowMs))
  expect(takes(1000, 4)).toEqual([true, true, true, false])
  expect(takes(1100, 2)).toEqual([true, false])
  expect(takes(9000, 4)).toEqual([true, true, true, false])
})
