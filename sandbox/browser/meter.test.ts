import { expect, it } from 'vitest'
import { Meter, type Pace } from './meter.ts'

/** Draws 60 frames a second for so long, of which the game answers every `each`-th; the paces it told. */
function run(meter: Meter, fromMs: number, seconds: number, each: number): Pace[] {
  const paces: Pace[] = []
  for (let i = 0; i <= seconds * 60; i++) {
    if (i % each === 0) meter.answered(5)
    const pace = meter.drawn(fromMs + (i * 1000) / 60)
    if (pace) paces.push(pace)
  }
  return paces
}

it('frames a second are those that the game answered', () => {
  const [pace] = run(new Meter(), 0, 1.1, 2)
  expect(pace!.fps).toBeCloseTo(30, -1)
  expect(pace!.frameMs).toBe(5)
})

it('less than ten for ten seconds is slow, a short jerk is not, and more is not', () => {
  expect(run(new Meter(), 0, 9.5, 10).some(({ slow }) => slow)).toBe(false)
  expect(run(new Meter(), 0, 12, 10).at(-1)!.slow).toBe(true)
  expect(run(new Meter(), 0, 12, 4).at(-1)!.slow).toBe(false)
  const jerky = new Meter()
  run(jerky, 0, 9, 1)
  expect(run(jerky, 9_000, 3, 60).at(-1)!.slow).toBe(false)
})

it('an hour in the background is no slow hour', () => {
  const meter = new Meter()
  run(meter, 0, 9.9, 1)
  meter.drawn(3_600_000)
  expect(run(meter, 3_600_016, 1.1, 1).at(-1)!.slow).toBe(false)
})
