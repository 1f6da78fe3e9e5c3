// Rules of a room: frames, saves, seats, and its end.
import { describe, expect, it } from 'vitest'
import { COUNTER, TestRoom, withServer } from '../testing/room.ts'

describe('frames', () => {
  it('[FR1] events of a frame happen in order, then tick runs once', () => {
    const test = new TestRoom(
      withServer(`
export const setup = () => ({ order: [] })
export const join = (state, { id }) => state.order.push('join ' + id)
export const leave = (state, { id }) => state.order.push('leave ' + id)
export const actions = { say: (state, { id }, what) => { state.order.push(id + ' ' + what) } }
export const tick = (state) => { if (state.order.length) state.order.push('tick') }`),
    )
    test.join('ada')
    test.join('bob')
    test.room.act('ada', 'say', 1)
    test.room.act('bob', 'say', 2)
    test.room.leave('bob', test.nowMs)
    test.pass(51)
    expect((test.state('ada') as { order: string[] }).order.slice(0, 6)).toEqual([
      'join ada',
      'join bob',
      'ada 1',
      'bob 2',
      'leave bob',
      'tick',
    ])
  })

  it('[FR1] a newcomer to a room that ticks gets the state at once, and the rate stays', () => {
    const test = new TestRoom(
      withServer(
        'export const setup = () => ({ n: 0, in: [] })\nexport const join = (s, { id }) => { s.in.push(id) }\nexport const tick = (s) => { s.n++ }',
      ),
    )
    test.join('ada')
    test.pass(1_010)
    const { n } = test.state('ada') as { n: number }
    test.join('bob')
    test.pass(0)
    expect(test.state('bob')).toEqual({ n, in: ['ada', 'bob'] })
    test.pass(1_000)
    expect(test.state('bob')).toEqual({ n: n + 20, in: ['ada', 'bob'] })
    expect(test.state('ada')).toEqual(test.state('bob'))
  })

  it('[FR2] the same build, seed and events give the same states, and another seed gives others', () => {
    const build = withServer(`
export const setup = ({ random }) => ({ list: [random(), Math.random()], when: Date.now() })
export const actions = { roll: (state, player, n, room) => { state.list.push(room.random(), new Date().getTime()) } }
export const tick = (state) => { state.list.push(Math.random()); if (state.list.length > 40) state.list.shift() }`)
    const play = (seed: number[]) => {
      const test = new TestRoom(build, new Map(), seed)
      test.join('ada')
      test.pass(120)
      test.room.act('ada', 'roll', null)
      test.pass(1_000)
      return JSON.stringify(test.state('ada'))
    }
    expect(play([1, 2, 3, 4])).toBe(play([1, 2, 3, 4]))
    expect(play([1, 2, 3, 4])).not.toBe(play([1, 2, 3, 5]))
  })

  it('[FR3] an action that throws is refused: its sender learns why, state and random sequence are as if it had not been', () => {
    const server = `
export const setup = () => ({ list: [] })
export const actions = {
  bad(state, player, data, room) { state.list.push('half'); room.random(); throw new Error('not your turn') },
  good(state, player, data, room) { state.list.push(room.random()) },
}`
    const build = withServer(server)
    const play = (...acts: string[]) => {
      const test = new TestRoom(build)
      test.join('ada')
      test.join('bob')
      for (const action of acts) test.room.act('ada', action, null)
      test.pass(10)
      return test
    }
    const mixed = play('good', 'bad', 'good', 'bad')
    expect(mixed.state('bob')).toEqual(play('good', 'good').state('bob'))
    expect(mixed.messages('ada', 'refused')).toEqual([
      { t: 'refused', a: 'bad', why: 'not your turn' },
      { t: 'refused', a: 'bad', why: 'not your turn' },
    ])
    expect(mixed.messages('bob', 'refused')).toEqual([])
    expect(mixed.problems).toEqual([])
  })

  it('[FR3] an action that the game has not is refused without anything being tried again, and its creator is told', () => {
    const test = new TestRoom(withServer(COUNTER))
    test.join('ada')
    for (let n = 0; n < 100; n++) test.room.act('ada', 'toString', null)
    test.room.act('ada', 'add', 2)
    test.pass(10)
    expect(test.messages('ada', 'refused')).toHaveLength(100)
    expect(test.messages('ada', 'refused')[0]).toEqual({
      t: 'refused',
      a: 'toString',
      why: 'there is no action "toString"',
    })
    expect(test.state('ada')).toMatchObject({ count: 2 })
    expect(test.logs[0]).toBe('actions.toString: there is no action "toString"')
  })

  it('[FR3] of a player whose actions throw again and again in one frame only so many are tried; others are heard', () => {
    const test = new TestRoom(
      withServer(`
let tried = 0
export const setup = () => ({ tried: 0 })
export const actions = {
  bad() { tried++; throw new Error('no') },
  look(state) { state.tried = tried },
}`),
    )
    for (const player of ['ada', 'bob', 'cleo']) test.join(player)
    for (let n = 0; n < 100; n++) test.room.act('ada', 'bad', null)
    test.room.act('bob', 'bad', null)
    test.room.act('ada', 'look', null)
    test.room.act('cleo', 'look', null)
    test.pass(10)
    const why = (player: string) => test.messages(player, 'refused').map((message) => message.why)
    expect(why('ada').slice(0, 16)).toEqual(Array(16).fill('no'))
    expect(why('ada').slice(16)).toEqual(Array(85).fill(expect.stringContaining('was not tried')))
    expect(why('bob')).toEqual(['no'])
    expect(test.state('cleo')).toEqual({ tried: 17 })
  })

  it('[FR4] what tick did before it threw is undone, players get the place of the error, actions still count', () => {
    const test = new TestRoom(
      withServer(`
export const setup = () => ({ n: 0, ticks: 0 })
export const actions = { add(state) { state.n++ } }
export const tick = (state) => {
  if (state.n === 0) return
  state.ticks++
  state.missing.oops = 1
}`),
    )
    test.join('ada')
    test.pass(60)
    test.room.act('ada', 'add', null)
    test.pass(100)
    expect(test.state('ada')).toEqual({ n: 1, ticks: 0 })
    const [error] = test.messages('ada', 'error')
    expect(error!.e).toMatchObject({
      file: 'server.js',
      line: 7,
      message: expect.stringMatching(/^TypeError: Cannot set/),
    })
    expect(test.messages('ada', 'error')).toHaveLength(1) // told once, not in every frame
  })

  it('[FR4] a player whose join threw is in the room, and joins when a new build can', () => {
    const test = new TestRoom(
      withServer(
        `${COUNTER.replace('state.names[player.id] =', 'if (player.name !== "Player") throw new Error("no"); state.names[player.id] =')}`,
      ),
    )
    test.join('ada')
    test.pass(10)
    expect(test.state('ada')).toEqual({ count: 0, names: {} })
    expect(test.problems.at(-1)?.message).toBe('no')
    expect(test.room.offer(withServer(COUNTER), test.nowMs)).toBeNull()
    test.pass(10)
    expect(test.state('ada')).toEqual({ count: 0, names: { ada: 'ada' } })
  })

  it('[FR4] a state that one player spoils is refused to that player; who joins in the same frame joins', () => {
    const test = new TestRoom(
      withServer(`${COUNTER}
actions.spoil = (state) => { state.when = new Date() }`),
    )
    test.join('ada')
    test.pass(10)
    test.room.act('ada', 'add', 1)
    test.room.act('ada', 'spoil', null)
    test.join('bob')
    test.room.act('ada', 'add', 1)
    test.pass(10)
    expect(test.state('bob')).toEqual({ count: 2, names: { ada: 'ada', bob: 'bob' } })
    expect(test.messages('ada', 'refused')).toEqual([
      { t: 'refused', a: 'spoil', why: expect.stringMatching(/state\.when is a Date/) },
    ])
    test.room.leave('bob', test.nowMs)
    test.pass(10)
    expect(test.state('ada')).toEqual({ count: 2, names: { ada: 'ada' } })
  })

  it('[FR5] a game without tick steps only when something happened; one with tick keeps its rate', () => {
    const quiet = new TestRoom(withServer(COUNTER))
    quiet.join('ada')
    quiet.pass(10)
    expect(quiet.room.dueMs()).toBe(Infinity)
    const ticking = new TestRoom(
      withServer('export const setup = () => ({ n: 0 })\nexport const tick = (s) => { s.n++ }', {
        'game.json': '{"tickRate":30}',
      }),
    )
    ticking.join('ada')
    ticking.pass(10_000)
    expect((ticking.state('ada') as { n: number }).n).toBeGreaterThanOrEqual(299)
    expect((ticking.state('ada') as { n: number }).n).toBeLessThanOrEqual(301)
  })

  it('[FR6] a room in which no player is connected does not tick', () => {
    const test = new TestRoom(withServer('export const setup = () => ({ n: 0 })\nexport const tick = (s) => { s.n++ }'))
    test.join('ada')
    test.pass(500)
    test.room.disconnect('ada', test.nowMs)
    test.pass(5_000)
    test.room.connect('ada')
    test.pass(60)
    expect((test.state('ada') as { n: number }).n).toBeLessThan(15)
  })

  it('[FR7] a frame that never ends costs the room at most what happened since its checkpoint', () => {
    const test = new TestRoom(
      withServer(`${COUNTER}
actions.hang = () => { for (;;); }`),
    )
    test.join('ada')
    test.room.act('ada', 'add', 5)
    test.pass(10)
    test.nowMs += 3_000
    test.room.act('ada', 'add', 2)
    test.pass(10) // checkpoint
    test.room.act('ada', 'hang', null)
    test.pass(10)
    expect(test.problems.at(-1)?.message).toMatch(/ran longer than 250 ms/)
    expect(test.state('ada')).toEqual({ count: 7, names: { ada: 'ada' } })
    test.room.act('ada', 'add', 1)
    test.pass(10)
    expect(test.state('ada')).toEqual({ count: 8, names: { ada: 'ada' } })
    expect(test.ended).toBeUndefined()
  })

  it('[FR7] a room in which nothing happens any more is saved all the same, and loses nothing of before its rest', () => {
    const test = new TestRoom(withServer(`${COUNTER}\nactions.hang = () => { for (;;); }`))
    test.join('ada')
    test.pass(3_000)
    test.room.act('ada', 'add', 5)
    test.pass(10) // a checkpoint
    test.nowMs += 500
    test.room.act('ada', 'add', 2)
    test.pass(10) // too soon for another
    expect(test.room.saveIfDue(test.nowMs)).toBe(false)
    test.nowMs += 2_000
    expect(test.room.saveIfDue(test.nowMs)).toBe(true)
    expect(test.room.saveIfDue(test.nowMs + 60_000)).toBe(false)
    test.nowMs += 60_000
    test.room.act('ada', 'hang', null)
    test.pass(10)
    expect(test.state('ada')).toMatchObject({ count: 7 })
  })

  it('[FR9] frames that are late are caught up; those later than a quarter of a second are left out, and their number is told', () => {
    const test = new TestRoom(withServer(TICKER))
    test.join('ada')
    test.pass(1_000)
    const before = ticks(test)
    test.nowMs += 200
    test.pass(100)
    expect(ticks(test) - before).toBeGreaterThanOrEqual(5)
    expect(test.logs).toEqual([])
    test.nowMs += 1_000
    test.pass(10)
    expect(ticks(test) - before).toBeLessThan(10)
    expect(test.logs).toEqual([
      expect.stringMatching(/^This room left out (18|19) frames: the machine had no time for them$/),
    ])
  })

  it('[FR9] frames of a time in which nobody was connected are not missed', () => {
    const test = new TestRoom(withServer(TICKER))
    test.join('ada')
    test.pass(1_000)
    test.room.disconnect('ada', test.nowMs)
    test.nowMs += 3_000
    test.room.connect('ada')
    test.pass(1_000)
    expect(test.logs).toEqual([])
  })

  it('[FR7] the third such frame in a row ends the room', () => {
    const test = new TestRoom(
      withServer(`${COUNTER}
actions.hang = () => { for (;;); }`),
    )
    test.join('ada')
    let hangs = 0
    for (; !test.ended && hangs < 20; hangs++) {
      // one for which the machine had no time counts a quarter
      test.room.act('ada', 'hang', null)
      test.pass(1_000) // what it took of its CPU time is paid back
    }
    expect(hangs).toBeGreaterThanOrEqual(3)
    expect(test.ended?.reason).toBe('stuck')
    expect(test.closed.get('ada')).toBe('room-ended')
  })
})

const TICKER = 'export const setup = () => ({ ticks: 0 })\nexport const tick = (state) => { state.ticks++ }'
const ticks = (test: TestRoom) => (test.state('ada') as { ticks: number }).ticks

describe('a room that hangs', () => {
  const HANGING = `${COUNTER}
actions.hang = () => { for (;;); }`

  it('[FR7] is not forgiven by a checkpoint that happens to be due in between', () => {
    const ample = { cpuMsPerSecond: 1_000, cpuCreditMs: 60_000 } // it must not wait for its debts
    const test = new TestRoom(withServer(HANGING), new Map(), [1, 2, 3, 4], ample)
    test.join('ada')
    test.pass(10)
    let hangs = 0
    for (; !test.ended && hangs < 20; hangs++) {
      // one for which the machine had no time counts a half
      test.nowMs += 1_500
      test.room.act('ada', 'add', 1)
      test.pass(10)
      test.room.act('ada', 'hang', null)
      test.pass(10)
    }
    expect(hangs).toBeGreaterThanOrEqual(3)
    expect(test.ended?.reason).toBe('stuck')
  })

  it('[FR7] is forgiven when it has run well for two seconds', () => {
    const test = new TestRoom(withServer(HANGING))
    test.join('ada')
    test.pass(10)
    for (let times = 1; times <= 5; times++) {
      test.nowMs += 2_500
      test.room.act('ada', 'add', 1)
      test.pass(10)
      test.room.act('ada', 'hang', null)
      test.pass(10)
    }
    expect(test.ended).toBeUndefined()
  })
})

describe('saving', () => {
  it('[SV1] a new build takes over with state, seats and random sequence; migrate is called', () => {
    const old = withServer(
      'export const setup = () => ({ score: 7 })\nexport const actions = { roll(s, p, d, room) { s.roll = room.random() } }',
    )
    const next = withServer(
      'export const setup = () => ({})\nexport const actions = { roll(s, p, d, room) { s.roll = room.random() } }\nexport const migrate = (old, { fromBuild }) => ({ ...old, points: old.score, fromBuild })',
    )
    const plain = new TestRoom(old)
    const moved = new TestRoom(old)
    for (const test of [plain, moved]) {
      test.join('ada')
      test.pass(10)
    }
    expect(moved.room.offer(next, moved.nowMs)).toBeNull()
    for (const test of [plain, moved]) {
      test.room.act('ada', 'roll', null)
      test.pass(10)
    }
    expect(moved.messages('ada', 'build')[0]!.client.build).toBe(next.id)
    expect(moved.state('ada')).toEqual({ ...(plain.state('ada') as object), points: 7, fromBuild: old.id })
    expect(moved.seats).toEqual(['ada joined'])
  })

  for (const [what, server, place] of [
    ['throws in migrate', 'export const migrate = () => { throw new Error("cannot") }', { line: 1, message: 'cannot' }],
    [
      'throws in its first frames on the live state',
      'export const setup = () => ({ score: { x: {} } })\nexport const tick = (s) => s.score.x.y',
      { line: 2 },
    ],
    [
      'does not end its first frames',
      'export const setup = () => ({ score: 0 })\nexport const tick = (s) => { while (s.score) ; }',
      { message: expect.stringMatching(/ran longer/) },
    ],
  ] as const) {
    it(`[SV2] a build that ${what} takes over nothing`, () => {
      const old = withServer(
        'export const setup = () => ({ score: 7 })\nexport const actions = { add(s) { s.score++ } }',
      )
      const test = new TestRoom(old)
      test.join('ada')
      test.pass(10)
      expect(test.room.offer(withServer(server), test.nowMs)).toMatchObject(place)
      test.room.act('ada', 'add', null)
      test.pass(10)
      expect(test.state('ada')).toEqual({ score: 8 })
      expect(test.room.build.id).toBe(old.id)
      expect(test.messages('ada', 'build')).toEqual([])
    })
  }
})

describe('seats', () => {
  it('[CN7] a dropped player who comes back in time joins only once', () => {
    const test = new TestRoom(withServer(COUNTER))
    test.join('ada')
    test.pass(10)
    test.room.disconnect('ada', test.nowMs)
    test.pass(29_000)
    test.room.tidy(test.nowMs)
    test.room.connect('ada')
    test.pass(10)
    expect(test.messages('ada', 'full')).toHaveLength(2)
    expect(test.seats).toEqual(['ada joined'])
  })

  it('[CN9] a seat nobody takes back in time is free, and leave runs', () => {
    const test = new TestRoom(withServer(COUNTER))
    test.join('ada')
    test.join('bob')
    test.pass(10)
    test.room.disconnect('ada', test.nowMs)
    test.nowMs += 30_000
    test.room.tidy(test.nowMs)
    test.pass(10)
    expect(test.seats).toEqual(['ada joined', 'bob joined', 'ada left'])
    expect(test.state('bob')).toEqual({ count: 0, names: { bob: 'bob' } })
  })

  it('a room holds no more than players.max', () => {
    const test = new TestRoom(withServer(COUNTER, { 'game.json': '{"players":{"max":2}}' }))
    test.join('ada')
    test.join('bob')
    expect(test.room.sit({ id: 'eve', name: 'eve' }, test.nowMs)).toBe(false)
    test.room.leave('bob', test.nowMs)
    expect(test.room.sit({ id: 'eve', name: 'eve' }, test.nowMs)).toBe(true)
  })

  it('[EN1] room.end tells everybody and ends the room', () => {
    const test = new TestRoom(
      withServer(`${COUNTER}
actions.win = (state, player, data, room) => room.end({ winner: player.id })`),
    )
    test.join('ada')
    test.room.act('ada', 'win', null)
    test.pass(10)
    expect(test.messages('ada', 'end')).toEqual([{ t: 'end', result: { winner: 'ada' } }])
    expect(test.closed.get('ada')).toBe('room-ended')
    expect(test.ended).toEqual({ reason: 'finished', result: { winner: 'ada' } })
    expect(test.room.hasFreeSeat).toBe(false)
  })

  it('[EN2] a room nobody has a seat in ends after a minute', () => {
    const test = new TestRoom(withServer(COUNTER))
    test.nowMs += 59_000
    test.room.tidy(test.nowMs)
    expect(test.ended).toBeUndefined()
    test.nowMs += 1_000
    test.room.tidy(test.nowMs)
    expect(test.ended?.reason).toBe('empty')
  })
})
