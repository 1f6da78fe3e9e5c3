// Rooms that share an isolate: what they share, and what one costs the others.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { describe, expect, it } from 'vitest'
import { TestRoom, withServer } from '../testing/room.ts'
import type { Build } from './build.ts'
import { Isolates } from './isolates.ts'

const RULES = `
export const setup = () => ({ count: 0, random: [], frames: 0, at: 0 })
export const actions = {
  add(state, player, n) { state.count += n },
  draw(state) { state.random.push(Math.random()) },
  hang() { for (;;) {} },
  fill(state) { const all = []; for (;;) all.push(new Array(1e5).fill(0.5)) },
}
export const tick = (state) => { state.frames++; state.at = Date.now() }
`
const KEEPS = `let kept = 0\n${RULES.replace('state.count += n', 'kept += n; state.count = kept')}`
const MATE = /Another room of this game was stopped/

/** `count` rooms of `build` with a player each, who has the state. */
function rooms(build: Build, count: number, isolates = new Isolates()): TestRoom[] {
  const made = Array.from(
    { length: count },
    (_, i) => new TestRoom(build, new Map(), [i, 2, 3, 4], { frameMs: 100 }, isolates),
  )
  for (const test of made) {
    test.join('ada')
    test.pass(100)
  }
  return made
}
const told = (test: TestRoom) => test.logs.some((line) => MATE.test(line))

describe('[FR8] rooms of code that keeps nothing', () => {
  it('have a state, a clock and a random sequence of their own, as if they were alone', () => {
    const build = withServer(RULES)
    const together = rooms(build, 3)
    const apart = [0, 1, 2].map((i) => new TestRoom(build, new Map(), [i, 2, 3, 4]))
    for (const test of apart) {
      test.join('ada')
      test.pass(100)
    }
    for (let turn = 0; turn < 5; turn++) {
      for (const [i, test] of [...together, ...apart].entries()) {
        test.room.act('ada', 'draw', null)
        test.room.act('ada', 'add', i % 3)
        test.pass(150)
      }
    }
    const states = together.map((test) => test.state('ada'))
    expect(states).toEqual(apart.map((test) => test.state('ada')))
    expect(new Set(states.map((state) => JSON.stringify(state))).size).toBe(3)
  })

  it('share an isolate: one that hangs takes the others back to their last checkpoint, and costs them nothing more the next time', () => {
    const [bad, mate] = rooms(withServer(RULES), 2) as [TestRoom, TestRoom]
    mate.room.act('ada', 'add', 7)
    mate.pass(3_000)
    const before = mate.state('ada') as { frames: number }
    bad.room.act('ada', 'hang', null)
    bad.pass(100)
    expect(bad.problems.at(-1)!.message).toMatch(/ran longer than 100 ms/)
    mate.pass(100)
    expect(told(mate)).toBe(true)
    expect(mate.problems).toEqual([])
    const after = mate.state('ada') as { frames: number; count: number }
    expect(after.count).toBe(7)
    expect(after.frames).toBeGreaterThan(before.frames - 2_100 / 50)
    mate.logs = []
    bad.room.act('ada', 'hang', null)
    bad.pass(100)
    mate.pass(3_000)
    expect(told(mate)).toBe(false)
    expect(bad.ended).toBeUndefined()
    expect(mate.ended).toBeUndefined()
  })

  it('share an isolate: one that takes too much memory takes the others back to their last checkpoint', () => {
    const [bad, mate] = rooms(withServer(RULES), 2) as [TestRoom, TestRoom]
    mate.room.act('ada', 'add', 7)
    mate.pass(3_000)
    bad.room.act('ada', 'fill', null)
    bad.pass(100)
    expect(bad.problems).toHaveLength(1)
    mate.pass(100)
    expect(told(mate)).toBe(true)
    expect(mate.state('ada')).toMatchObject({ count: 7 })
  })

  it('are at most 25 to an isolate', () => {
    const all = rooms(withServer(RULES), 26)
    all[0]!.room.act('ada', 'hang', null)
    all[0]!.pass(100)
    for (const test of all) test.pass(100)
    expect(all.filter(told)).toEqual(all.slice(1, 25))
  })

  it('take a new build from their last checkpoint when their isolate has just been lost', () => {
    const [bad, mate] = rooms(withServer(RULES), 2) as [TestRoom, TestRoom]
    mate.room.act('ada', 'add', 7)
    mate.pass(3_000)
    bad.room.act('ada', 'hang', null)
    bad.pass(100)
    expect(mate.room.offer(withServer(`${RULES}\nexport const leave = () => {}`), mate.nowMs)).toBeNull()
    mate.pass(100)
    expect(mate.state('ada')).toMatchObject({ count: 7 })
  })

  it('move out with all they have when the isolate becomes too small for them', () => {
    const grow = `${RULES}\nexport const join = (state) => { state.cells = Array.from({ length: 14_000 }, (_, i) => ({ i })) }`
    const isolates = new Isolates()
    const build = withServer(grow)
    const all = Array.from(
      { length: 6 },
      () => new TestRoom(build, new Map(), [1, 2, 3, 4], { frameMs: 5_000 }, isolates),
    )
    for (const test of all) test.join('ada')
    for (const test of all) test.pass(100)
    for (const test of all) test.room.act('ada', 'add', 7)
    for (const test of all) test.pass(5_000)
    expect(all.map((test) => test.problems)).toEqual(all.map(() => []))
    for (const test of all) expect(test.state('ada')).toMatchObject({ count: 7 })
    const moved = all.filter((test) => test.messages('ada', 'full').length > 1)
    expect(moved.length).toBeGreaterThan(0)
    expect(moved.length).toBeLessThan(6)
  })
})

describe('[FR8] rooms of code that keeps something', () => {
  it('have an isolate each: what one keeps or does the other never sees', () => {
    const [bad, mate] = rooms(withServer(KEEPS), 2) as [TestRoom, TestRoom]
    bad.room.act('ada', 'add', 5)
    bad.pass(100)
    mate.room.act('ada', 'add', 1)
    mate.pass(100)
    expect(mate.state('ada')).toMatchObject({ count: 1 })
    bad.room.act('ada', 'hang', null)
    bad.pass(100)
    mate.pass(3_000)
    expect(told(mate)).toBe(false)
  })
})

describe('a room on a machine that has no time', () => {
  it('[FR10] whose frames were stopped without half of their time counts them half: three in a row do not end it', async () => {
    const ample = { cpuMsPerSecond: 1_000, cpuCreditMs: 60_000 } // it must not wait for its debts
    const test = new TestRoom(withServer(RULES), new Map(), [1, 2, 3, 4], ample)
    test.join('ada')
    test.pass(100)
    for (let turn = 1; turn <= 3; turn++) {
      const { pid } = process
      const other = spawn('sh', ['-c', `sleep 0.02; kill -STOP ${pid}; sleep 0.3; kill -CONT ${pid}`])
      test.nowMs += 10_000 // the same problem is told again
      test.room.act('ada', 'hang', null)
      test.pass(100)
      await once(other, 'close')
      expect(test.problems.filter((problem) => problem?.message.includes('ran longer than 250 ms'))).toHaveLength(turn)
    }
    expect(test.ended).toBeUndefined()
    test.room.act('ada', 'add', 7)
    test.pass(100)
    expect(test.state('ada')).toMatchObject({ count: 7 })
  })
})
