import { expect, it } from 'vitest'
import { backoffMs } from './backoff.ts'

it('the first attempt to come back is made within 300 ms', () => {
  expect(backoffMs(0, () => 1)).toBeLessThan(300)
})

it('waiting doubles up to 5 s and never past it', () => {
  expect([0, 1, 2, 3, 4, 5, 50].map((attempt) => backoffMs(attempt, () => 1))).toEqual([
    280, 560, 1120, 2240, 4480, 5000, 5000,
  ])
})

it('waiting is spread over the upper half, so that players do not return all at once', () => {
  expect(backoffMs(5, () => 0)).toBe(2500)
  const waits = new Set(Array.from({ length: 50 }, () => backoffMs(5)))
  expect(waits.size).toBeGreaterThan(40)
})
