import { expect, it } from 'vitest'
import { Silence } from './silence.ts'

/** Draws 60 frames a second for so long; true when the silence was too long at some time. */
function draw(silence: Silence, fromMs: number, toMs: number): boolean {
  let tooLong = false
  for (let ms = fromMs; ms <= toMs; ms += 1000 / 60) tooLong = silence.drawn(ms) || tooLong
  return tooLong
}

it('five seconds without a sign of life are too long', () => {
  const silence = new Silence()
  expect(draw(silence, 0, 4_900)).toBe(false)
  expect(draw(silence, 4_900, 5_100)).toBe(true)
})

it('a sign of life starts the count again', () => {
  const silence = new Silence()
  expect(draw(silence, 0, 4_900)).toBe(false)
  silence.heard()
  expect(draw(silence, 4_900, 9_800)).toBe(false)
})

it('a page that was in the background or paused for an hour was not silent for an hour', () => {
  const silence = new Silence()
  draw(silence, 0, 1_000)
  expect(silence.drawn(3_600_000)).toBe(false)
  expect(draw(silence, 3_600_000, 3_603_600)).toBe(false)
  expect(draw(silence, 3_603_600, 3_604_000)).toBe(true)
})
