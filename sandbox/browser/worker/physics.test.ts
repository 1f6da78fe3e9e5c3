import { expect, it } from 'vitest'
import { Maker } from './maker.ts'
import { World } from './physics.ts'
import { Screen } from './screen.ts'

/** A world of 400 by 300 with somebody to make things for it. */
function world() {
  const screen = new Screen()
  const make = new Maker(screen, { get: () => undefined }, { seconds: () => undefined, after: () => () => {} })
  const errors: unknown[] = []
  const physics = new World(400, 300, (error) => errors.push(error))
  screen.onRemove = (thing) => physics.remove(thing)
  return { physics, make, errors, pass: (seconds: number) => physics.advance(seconds) }
}
const second = (pass: (seconds: number) => void, count = 1) => {
  for (let i = 0; i < 60 * count; i++) pass(1 / 60)
}

it('speed moves a thing, gravity adds to it, and a slow screen sees the same as a fast one', () => {
  const at = (frames: number) => {
    const { physics, make, pass } = world()
    const thing = make.rect(10, 20, 10, 10)
    physics.gravity.y = 60
    physics.add(thing, { velocityX: 30 })
    for (let i = 0; i < frames; i++) pass(1 / frames)
    return [Math.round(thing.x), Math.round(thing.y)]
  }
  expect(at(60)).toEqual([40, 51])
  expect(at(144)).toEqual(at(60))
  expect(at(20)).toEqual(at(60))
})

it('drag slows, a maximum holds, and a number that the game broke becomes 0', () => {
  const { physics, make, pass } = world()
  const dragged = physics.add(make.rect(0, 0, 1, 1), { velocityX: 100, drag: 40 })
  const capped = physics.add(make.rect(0, 0, 1, 1), { velocityX: 1000, maxSpeed: 50 })
  const broken = physics.add(make.rect(0, 0, 1, 1))
  broken.velocityX = Number.NaN
  second(pass)
  expect(Math.round(dragged.velocityX)).toBe(60)
  expect(capped.velocityX).toBeCloseTo(50)
  expect(broken.velocityX).toBe(0)
  expect(() => physics.add(make.rect(0, 0, 1, 1), { bounce: Number.NaN })).toThrow('bounce must be a finite number')
})

it('the edges of the world stop a thing or throw it back, and say which side it was', () => {
  const { physics, make, pass } = world()
  const stopped = make.rect(380, 100, 20, 20)
  const body = physics.add(stopped, { velocityX: 100, bounds: true })
  const thrown = physics.add(make.rect(200, 290, 20, 20), { velocityY: 100, bounds: true, bounce: 0.5 })
  const free = make.rect(380, 200, 20, 20)
  physics.add(free, { velocityX: 100 })
  second(pass)
  expect(stopped.x).toBe(390)
  expect(body.blocked).toEqual({ left: false, right: true, up: false, down: false })
  expect(thrown.velocityY).toBe(-50)
  expect(free.x).toBeGreaterThan(400)
})

it('a thing falls onto platforms, stands, and slides over their seams', () => {
  const { physics, make, pass } = world()
  physics.gravity.y = 600
  const tiles = [0, 1, 2, 3, 4, 5].map((i) => make.rect(20 + 40 * i, 200, 40, 40))
  for (const tile of tiles) physics.add(tile, { immovable: true })
  const hero = make.rect(20, 100, 20, 20)
  const body = physics.add(hero, { velocityX: 100 })
  physics.collide(hero, tiles)
  second(pass, 1)
  expect(hero.y).toBeCloseTo(170)
  expect(body.onFloor).toBe(true)
  second(pass, 1)
  expect(hero.x).toBeGreaterThan(200) // no seam stopped it
})

it('two that meet push each other and trade their speed; the heavier one less', () => {
  const { physics, make, pass } = world()
  const [left, right] = [make.circle(100, 100, 10), make.circle(140, 100, 10)]
  const a = physics.add(left, { velocityX: 60, bounce: 1 })
  const b = physics.add(right, { bounce: 1 })
  const heavy = physics.add(make.rect(300, 200, 20, 20), { mass: 3 })
  const light = physics.add(make.rect(340, 200, 20, 20), { velocityX: -60, bounce: 1 })
  physics.collide(left, right)
  physics.collide(heavy.thing, light.thing)
  second(pass)
  expect([a.velocityX, b.velocityX].map(Math.round)).toEqual([0, 60])
  expect([heavy.velocityX, light.velocityX].map(Math.round)).toEqual([-30, 30])
})

it('overlap tells and pushes nothing, until it is taken back or a thing is gone', () => {
  const { physics, make, pass, errors } = world()
  const [one, other] = [make.circle(100, 100, 10), make.circle(114, 114, 10)]
  const near = make.circle(118, 118, 10)
  for (const thing of [one, other, near]) physics.add(thing)
  let count = 0
  const watch = physics.overlap(one, [other], () => count++)
  physics.overlap(one, [near], () => count++) // the corners of their boxes meet, the circles do not
  pass(1 / 60)
  expect([count, one.x, other.x]).toEqual([1, 100, 114])
  watch.destroy()
  pass(1 / 60)
  expect(count).toBe(1)
  physics.overlap(one, other, () => {
    throw new Error('of the game')
  })
  pass(1 / 60)
  expect(errors).toHaveLength(1)
  other.destroy()
  pass(1 / 60)
  expect(errors).toHaveLength(1)
  expect(other.body).toBeUndefined()
})

it('many are sorted before they are tried, and the same ones are found', () => {
  const { physics, make, pass } = world()
  const random = (() => {
    let seed = 7
    return () => {
      seed = (seed * 16807) % 2147483647
      return seed / 2147483647
    }
  })()
  const all = Array.from({ length: 60 }, () => make.rect(random() * 400, random() * 300, 5 + random() * 60, 20))
  for (const thing of all) physics.add(thing)
  const found = new Set<string>()
  const name = (a: { id: number }, b: { id: number }) => [a.id, b.id].sort((x, y) => x - y).join()
  physics.overlap(all.slice(0, 30), all.slice(30), (a, b) => found.add(name(a, b)))
  physics.overlap(all, all, (a, b) => found.add(`${name(a, b)} of all`))
  pass(1 / 60)
  const meet = (a: (typeof all)[0], b: (typeof all)[0]) =>
    Math.abs(a.x - b.x) < (a.width + b.width) / 2 && Math.abs(a.y - b.y) < 20
  const expected = new Set<string>()
  for (const [i, a] of all.entries())
    for (const [k, b] of all.entries()) {
      if (i < 30 && k >= 30 && meet(a, b)) expected.add(name(a, b))
      if (i < k && meet(a, b)) expected.add(`${name(a, b)} of all`)
    }
  expect(expected.size).toBeGreaterThan(50)
  expect(found).toEqual(expected)
})
