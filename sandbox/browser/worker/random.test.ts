import { expect, it } from 'vitest'
import { seededRandom } from './random.ts'

const take = (seed: number, count: number) => {
  const random = seededRandom(seed)
  return Array.from({ length: count }, random)
}

it('one seed gives one sequence, and a near seed another', () => {
  expect(take(42, 5)).toEqual(take(42, 5))
  expect(new Set([...take(42, 5), ...take(43, 5)]).size).toBe(10)
})

it('numbers lie evenly between 0 and 1', () => {
  const numbers = take(7, 20_000)
  const tenths = new Array<number>(10).fill(0)
  for (const number of numbers) tenths[Math.floor(number * 10)]!++
  for (const count of tenths) expect(Math.abs(count - 2_000)).toBeLessThan(200)
})
