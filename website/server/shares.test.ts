import { expect, it } from 'vitest'
import { ADDRESS, PERSON, Shares } from './shares.ts'

function shares() {
  const clock = { ms: 0 }
  return { clock, shares: new Shares(PERSON, () => clock.ms) }
}
const LOOK = { points: 1, nodeCalls: 0 }
const PLAY = { points: 4, nodeCalls: 1 }

it('one who asks without pause gets the burst, then as much as comes back, and is told when; another does not notice', () => {
  const { shares: some, clock } = shares()
  const { burst, perSecond } = PERSON.points
  for (let i = 0; i < burst; i++) expect(some.enter('mallory', LOOK).ok).toBe(true)
  const refused = some.enter('mallory', LOOK)
  expect(refused).toEqual({ ok: false, retryMs: 1000 / perSecond })
  expect(some.enter('ann', LOOK).ok).toBe(true)
  clock.ms += refused.ok ? 0 : refused.retryMs
  expect(some.enter('mallory', LOOK).ok).toBe(true)
  expect(some.enter('mallory', LOOK).ok).toBe(false)
})

it('the calls of one to nodes are few at a time; each that ends makes room; what makes none is not held up', () => {
  const { shares: some } = shares()
  const turns = Array.from({ length: PERSON.nodeCalls.running }, () => some.enter('mallory', PLAY))
  expect(turns.every((turn) => turn.ok)).toBe(true)
  expect(some.enter('mallory', PLAY).ok).toBe(false)
  expect(some.enter('mallory', LOOK).ok).toBe(true)
  expect(some.enter('ann', PLAY).ok).toBe(true)
  if (turns[0]!.ok) turns[0]!.leave()
  expect(some.enter('mallory', PLAY).ok).toBe(true)
})

it('the calls of one to nodes are at most so many a second, however quick', () => {
  const { shares: some, clock } = shares()
  let let_in = 0
  for (; clock.ms < 60_000; clock.ms += 5) {
    const turn = some.enter('mallory', { points: 0, nodeCalls: 1 })
    if (!turn.ok) continue
    let_in++
    turn.leave()
  }
  const { burst, perSecond } = PERSON.nodeCalls
  expect(let_in).toBeLessThanOrEqual(burst + 60 * perSecond)
  expect(let_in).toBeGreaterThan(burst + 59 * perSecond)
})

it('who has not asked for long is forgotten, so that many names take no memory for ever; who is in debt is not', () => {
  const { shares: some, clock } = shares()
  const spend = (name: string) => some.enter(name, { points: PERSON.points.burst, nodeCalls: 0 })
  for (let i = 0; i < 10_000; i++) {
    clock.ms += 20
    spend(`name ${i}`)
  }
  expect(some.size).toBeLessThan(3_000)
  expect(spend('name 9999').ok).toBe(false)
  expect(spend('name 0').ok).toBe(true)
})

it('an address has more than a person, and nobody has more than half of what a node takes', () => {
  for (const kind of ['points', 'nodeCalls'] as const) {
    expect(ADDRESS[kind].burst).toBeGreaterThan(PERSON[kind].burst)
    expect(ADDRESS[kind].perSecond).toBeGreaterThan(PERSON[kind].perSecond)
  }
  expect(ADDRESS.nodeCalls.perSecond).toBeLessThanOrEqual(200 / 2)
  expect(ADDRESS.nodeCalls.burst).toBeLessThanOrEqual(400 / 2)
  expect(ADDRESS.nodeCalls.running).toBeLessThan(64)
})
