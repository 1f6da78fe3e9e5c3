import { expect, it } from 'vitest'
import { Motion } from './motion.ts'

function motion() {
  const errors: unknown[] = []
  const made = new Motion((error) => errors.push(error))
  return { motion: made, errors }
}

it('a tween goes from where its target is to where it shall be, and ends there', () => {
  const { motion: time } = motion()
  const thing = { x: 10, y: 0 }
  let ended = 0
  const tween = time.tween(thing, { x: 30 }, { duration: 100, ease: 'linear', delay: 50, onEnd: () => ended++ })
  thing.x = 20 // moved while the tween waits: it begins from here
  time.advance(50)
  time.advance(50)
  expect(thing.x).toBe(25)
  time.advance(500)
  expect([thing.x, ended, tween.done]).toEqual([30, 1, true])
})

it('it repeats, goes back on every second run, and stops when told', () => {
  const { motion: time } = motion()
  const thing = { x: 0 }
  const seen: number[] = []
  const tween = time.tween(
    thing,
    { x: 100 },
    { duration: 100, ease: 'linear', repeat: Number.POSITIVE_INFINITY, yoyo: true },
  )
  for (let i = 0; i < 6; i++) {
    time.advance(50)
    seen.push(thing.x)
  }
  expect(seen).toEqual([50, 100, 50, 0, 50, 100])
  tween.stop()
  time.advance(50)
  expect(thing.x).toBe(100)
})

it('every ease begins at the start and ends at the end', () => {
  for (const ease of ['linear', 'in', 'out', 'in-out', 'back', 'bounce', 'elastic'] as const) {
    const { motion: time } = motion()
    const thing = { x: 0 }
    time.tween(thing, { x: 1 }, { duration: 1000, ease })
    time.advance(0)
    expect(thing.x).toBeCloseTo(0, 2)
    time.advance(500)
    expect(thing.x).not.toBe(0)
    time.advance(500)
    expect(thing.x).toBe(1)
  }
})

it('one that lasts no time at all, for ever, does not stop the game', () => {
  const { motion: time } = motion()
  const thing = { x: 0 }
  time.tween(thing, { x: 1 }, { duration: 0, repeat: Number.POSITIVE_INFINITY })
  time.advance(1000)
  expect(thing.x).toBe(1)
})

it('a callback that throws is told once and ends its own tween only', () => {
  const { motion: time, errors } = motion()
  const [bad, good] = [{ x: 0 }, { x: 0 }]
  time.tween(
    bad,
    { x: 1 },
    {
      onUpdate: () => {
        throw new Error('of the game')
      },
    },
  )
  time.tween(good, { x: 1 }, { duration: 30 })
  time.advance(16)
  time.advance(16)
  expect([errors.length, good.x]).toEqual([1, 1])
})

it('what cannot be reached is refused by name', () => {
  const { motion: time } = motion()
  expect(() => time.tween({ x: 0 }, { z: 1 })).toThrow('"z" must be a number of the target')
  expect(() => time.tween({ x: 0 }, { x: 1 }, { ease: 'toString' as never })).toThrow('no ease')
})
