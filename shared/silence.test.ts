import { expect, it } from 'vitest'
import { Silence } from './silence.ts'

/** Draws 60 frames a second for so long; true when the silence was too long at some time. */
function draw(silence: Silence, fromMs: number, toMs: number): boolean {
  let tooLong = false
  for (let ms = fromMs; ms <= toMs; ms += 1000 / 60) tooLong = silence.looked(ms) || tooLong
  return tooLong
}

it('five seconds without a sign of life are too long', () => {
  const silence = new Silence({ maxMs: 5_000, maxStepMs: 250 })
  expect(draw(silence, 0, 4_900)).toBe(false)
  expect(draw(silence, 4_900, 5_100)).toBe(true)
})

it('a sign of life starts the count again', () => {
  const silence = new Silence({ maxMs: 5_000, maxStepMs: 250 })
  expect(draw(silence, 0, 4_900)).toBe(false)
  silence.heard(4_900)
  expect(draw(silence, 4_900, 9_800)).toBe(false)
})

it('a page that was in the background or paused for an hour was not silent for an hour', () => {
  const silence = new Silence({ maxMs: 5_000, maxStepMs: 250 })
  draw(silence, 0, 1_000)
  expect(silence.looked(3_600_000)).toBe(false)
  expect(draw(silence, 3_600_000, 3_603_600)).toBe(false)
  expect(draw(silence, 3_603_600, 3_604_000)).toBe(true)
})

it('who looks seldom counts from the last sign of life on, and no more than a step for a machine that slept', () => {
  const silence = new Silence({ maxMs: 5_000, maxStepMs: 2_000 })
  silence.heard(1_900)
  expect([2_000, 4_000, 6_000].map((ms) => silence.looked(ms))).toEqual([false, false, false])
  expect(silence.looked(8_000)).toBe(true)
  silence.heard(8_000)
  expect([3_600_000, 3_602_000].map((ms) => silence.looked(ms))).toEqual([false, false])
  expect(silence.looked(3_604_000)).toBe(true)
})
