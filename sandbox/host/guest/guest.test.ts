// What the code inside the isolate makes of state, of the creator's mistakes, and of hostility.
import { DELTA, FULL } from '@sandlot/shared/protocol/packed/tags.ts'
import { describe, expect, it } from 'vitest'
import { buildOf } from '../../testing/folder.ts'
import { COUNTER, TestRoom, withServer } from '../../testing/room.ts'
import { Engine } from '../engine.ts'
import type { RoomEvent } from '../frame.ts'

describe('state', () => {
  it('[ST1] a player gets one full state, then deltas of frames that changed something', () => {
    const test = new TestRoom(withServer(COUNTER))
    test.join('ada')
    test.pass(10)
    expect(test.messages('ada', 'full').map(({ s }) => s)).toEqual([{ count: 0, names: { ada: 'ada' } }])
    test.room.act('ada', 'add', 2)
    test.pass(10)
    test.room.act('ada', 'add', 0)
    test.pass(10)
    expect(test.messages('ada', 'delta').map(({ d }) => d)).toEqual([{ s: { count: 2 } }])
    test.join('bob')
    test.pass(10)
    expect(test.state('ada')).toEqual(test.state('bob'))
    expect(test.messages('ada', 'full')).toHaveLength(1)
  })

  it('[ST4] what is not plain JSON refuses the frame and names its path; the room goes on', () => {
    const test = new TestRoom(
      withServer(`${COUNTER}
actions.map = (state) => { state.bad = { here: new Map() } }`),
    )
    test.join('ada')
    test.room.act('ada', 'add', 1)
    test.pass(10)
    test.room.act('ada', 'map', null)
    test.pass(10)
    expect(test.messages('ada', 'refused')[0]!.why).toMatch(/state\.bad\.here is a Map/)
    expect(test.logs[0]).toMatch(/actions\.map: StateError: state\.bad\.here is a Map/)
    test.room.act('ada', 'add', 1)
    test.pass(10)
    expect(test.state('ada')).toEqual({ count: 2, names: { ada: 'ada' } })
  })

  it('[ST3] what NaN and infinity become is told to the creator once, with its place; the same at players, on save and on load', () => {
    const test = new TestRoom(
      withServer(`${COUNTER}
actions.divide = (state) => { state.ship = { speed: [1, 0 / 0, 1 / 0, -0], half: '\\ud800' } }`),
    )
    test.join('ada')
    test.room.act('ada', 'add', 1)
    test.pass(10)
    expect(test.logs).toEqual([])
    test.room.act('ada', 'divide', null)
    test.pass(10)
    test.room.act('ada', 'divide', null)
    test.pass(10)
    expect(test.logs).toEqual([
      'state.ship.speed[1] was NaN or Infinity, which JSON cannot hold, and became null (told once)',
    ])
    const ship = { speed: [1, null, null, 0], half: '\ud800' }
    expect(test.state('ada')).toMatchObject({ ship })
    expect(
      test.room.offer(
        withServer(`${COUNTER}\nactions.look = (state) => { state.seen = JSON.stringify(state.ship) }`),
        test.nowMs,
      ),
    ).toBeNull()
    test.room.act('ada', 'look', null)
    test.pass(10)
    expect(test.state('ada')).toMatchObject({ ship, seen: JSON.stringify(ship) })
  })

  it('[ST5] a frame that makes the state larger than 1 MiB is refused', () => {
    const test = new TestRoom(
      withServer(`${COUNTER}
actions.grow = (state, player, n) => { state.text = 'x'.repeat(n) }`),
      new Map(),
      [1, 2, 3, 4],
      { frameMs: 5_000, cpuMsPerSecond: 1_000, cpuCreditMs: 60_000 }, // a megabyte takes a busy machine a while
    )
    test.join('ada')
    test.room.act('ada', 'grow', 1_000_000)
    test.pass(10)
    expect(test.problems).toEqual([])
    test.room.act('ada', 'grow', 1_100_000)
    test.pass(10)
    expect(test.messages('ada', 'refused')[0]!.why).toMatch(/the limit is 1048576/)
    expect((test.state('ada') as { text: string }).text).toHaveLength(1_000_000)
  })

  it('[ST6] with view, a player gets what view returned and nothing else', () => {
    const test = new TestRoom(
      withServer(`
export const setup = () => ({ hands: {} })
export const join = (state, { id }) => { state.hands[id] = 'cards of ' + id }
export const actions = { draw(state, { id }) { state.hands[id] += '!' } }
export const view = (state, { id }) => ({ mine: state.hands[id], players: Object.keys(state.hands).length })`),
    )
    test.join('ada')
    test.join('bob')
    test.room.act('bob', 'draw', null)
    test.pass(10)
    test.room.act('bob', 'draw', null)
    test.pass(10)
    expect(test.state('ada')).toEqual({ mine: 'cards of ada', players: 2 })
    expect(test.state('bob')).toEqual({ mine: 'cards of bob!!', players: 2 })
    expect(JSON.stringify(test.sent.get('ada'))).not.toContain('cards of bob')
    expect(test.messages('ada', 'delta')).toEqual([])
  })

  it('[ST8] players whose view is the same are sent the same bytes; one who sees something else then gets the whole of it', () => {
    const build = withServer(`
export const setup = () => ({ n: 0, team: { ada: 1, bob: 1, cyd: 2 } })
export const actions = { add(state) { state.n++ }, change(state, { id }) { state.team[id] = 3 } }
export const view = (state, { id }) => ({ n: state.n, team: state.team[id] })`)
    const engine = Engine.start(build, { kind: 'setup', seed: [1, 2, 3, 4], startMs: 0 }, [])
    const ids = ['ada', 'bob', 'cyd']
    const sent = (events: RoomEvent[], full: string[] = []) =>
      engine.frame(events, full, [], 0).outputs.map(({ data, to }) => [data[0], to])
    try {
      const joins = ids.map((id): RoomEvent => ({ k: 'join', p: { id, name: id } }))
      expect(sent(joins, ids)).toEqual([
        [FULL, ['ada', 'bob']],
        [FULL, ['cyd']],
      ])
      const add: RoomEvent = { k: 'act', p: 'ada', a: 'add', d: null }
      expect(sent([add])).toEqual([
        [DELTA, ['ada', 'bob']],
        [DELTA, ['cyd']],
      ])
      expect(sent([{ k: 'act', p: 'bob', a: 'change', d: null }])).toEqual([[FULL, ['bob']]])
      expect(sent([add])).toEqual([
        [DELTA, ['ada']],
        [DELTA, ['bob']],
        [DELTA, ['cyd']],
      ])
    } finally {
      engine.dispose()
    }
  })

  it('[FR4] a player whose view throws keeps its picture, and has the whole one when it throws no more; others miss nothing', () => {
    const test = new TestRoom(
      withServer(`
export const setup = () => ({ board: { turn: 0, moves: {} }, broken: false })
export const actions = {
  move(state, { id }) { state.board.moves['m' + ++state.board.turn] = id },
  toggle(state) { state.broken = !state.broken },
}
export const view = (state, { id }) => {
  if (state.broken && id === 'bob') throw new Error('no view')
  return { board: state.board }
}`),
    )
    for (const id of ['ada', 'bob']) test.join(id)
    test.pass(10)
    for (const action of ['move', 'toggle', 'move', 'move']) {
      test.room.act('ada', action, null)
      test.pass(10)
    }
    expect(test.state('bob')).toEqual({ board: { turn: 1, moves: { m1: 'ada' } } })
    expect(test.state('ada')).toMatchObject({ board: { turn: 3 } })
    for (const action of ['toggle', 'move']) {
      test.room.act('ada', action, null)
      test.pass(10)
    }
    expect(test.state('ada')).toEqual({ board: { turn: 4, moves: { m1: 'ada', m2: 'ada', m3: 'ada', m4: 'ada' } } })
    expect(test.state('bob')).toEqual(test.state('ada'))
  })

  it('[FR4] a state that was too large to be sent comes as a whole when it is not any more', () => {
    const server = `
export const setup = () => ({ text: '', turn: 0 })
export const actions = { say(state, player, length) { state.text = 'é'.repeat(length); state.turn++ } }`
    const test = new TestRoom(withServer(server), undefined, undefined, { frameOutputBytes: 2_000 })
    test.join('ada')
    test.pass(10)
    for (const length of [1_000, 5_000, 10, 20]) {
      test.room.act('ada', 'say', length)
      test.pass(10)
    }
    expect(test.problems[0]?.message).toMatch(/more than 2000 characters in one frame/)
    expect(test.state('ada')).toEqual({ text: 'é'.repeat(20), turn: 4 })
  })
})

describe('precision', () => {
  const server = `
export const setup = () => ({ x: 0.123456, list: [{ y: -1.005001 }] })
export const actions = { add(state, player, n) { state.x += n } }`
  const manifest = { 'game.json': '{"sync":{"precision":2}}' }

  for (const [what, more] of [
    ['', ''],
    [' of a view', '\nexport const view = (state) => state'],
  ]) {
    it(`[ST7] players get numbers${what} with the decimal places that game.json says; the state keeps all`, () => {
      const test = new TestRoom(withServer(server + more, manifest))
      test.join('ada')
      test.pass(10)
      expect(test.state('ada')).toEqual({ x: 0.12, list: [{ y: -1.01 }] })
      test.room.act('ada', 'add', 0.001)
      test.pass(10)
      expect(test.messages('ada', 'delta')).toEqual([]) // too small to be seen
      for (let i = 0; i < 6; i++) test.room.act('ada', 'add', 0.001)
      test.pass(10)
      test.join('bob')
      test.pass(10)
      expect(test.state('ada')).toEqual({ x: 0.13, list: [{ y: -1.01 }] })
      expect(test.state('bob')).toEqual(test.state('ada'))
    })
  }
})

describe('hostile code', () => {
  it('cannot write what the host reads: toJSON of all objects is closed', () => {
    const test = new TestRoom(
      withServer(`${COUNTER}
actions.evil = () => { Object.prototype.toJSON = function () { return Object.hasOwn(this, 'changed') ? null : this } }
actions.own = (state, player, data, room) => { const it = {}; it.toJSON = () => 'mine'; room.log(JSON.stringify({ it })) }`),
    )
    test.join('ada')
    test.room.act('ada', 'evil', null)
    test.room.act('ada', 'own', null)
    test.pass(10)
    expect(test.messages('ada', 'refused')[0]!.why).toMatch(/toJSON of all objects cannot be changed/)
    expect(test.logs).toContain('{"it":"mine"}')
    expect(test.ended).toBeUndefined()
  })

  it('gets no buffer that grows outside the limits; plain buffers work', () => {
    const test = new TestRoom(
      withServer(`${COUNTER}
actions.grow = (state) => {
  const buffer = new ArrayBuffer(8, { maxByteLength: 80_000_000 })
  state.resizable = buffer.resizable
  state.sum = new Uint8Array([1, 2, 3]).reduce((a, b) => a + b) + new Float32Array(buffer).length
}`),
    )
    test.join('ada')
    test.room.act('ada', 'grow', null)
    test.pass(10)
    expect(test.state('ada')).toMatchObject({ resizable: false, sum: 8 })
  })

  it('that spoils what a frame answers costs its room, with a reason', () => {
    const test = new TestRoom(
      withServer(`${COUNTER}
actions.spoil = () => { Object.defineProperty(Object.prototype, 'changed', { get: () => 1, set() {}, configurable: true }); Array.prototype.every = null }`),
    )
    test.join('ada')
    test.room.act('ada', 'spoil', null)
    test.pass(10)
    test.room.act('ada', 'add', 1)
    test.pass(10)
    expect(test.state('ada')).toMatchObject({ count: 1 })
  })

  it('a result, message or stored value nested without end is refused where it is made', () => {
    const test = new TestRoom(
      withServer(`${COUNTER}
const deep = () => { let value = 0; for (let i = 0; i < 3500; i++) value = [value]; return value }
actions.end = (state, player, data, room) => room.end(deep())
actions.send = (state, player, data, room) => room.send(player, deep())
actions.keep = (state, player, data, room) => room.store.set('x', deep())`),
    )
    test.join('ada')
    for (const action of ['end', 'send', 'keep']) test.room.act('ada', action, null)
    test.pass(10)
    expect(test.messages('ada', 'refused').map(({ why }) => why)).toEqual([
      expect.stringMatching(/^StateError: result.*nested more than 64 levels/),
      expect.stringMatching(/^StateError: message.*nested more than 64 levels/),
      expect.stringMatching(/^StateError: value.*nested more than 64 levels/),
    ])
    expect([test.ended, test.stored]).toEqual([undefined, []])
  })

  it('players who send more than a room takes in one frame are refused the rest', () => {
    const test = new TestRoom(withServer(COUNTER))
    test.join('ada')
    for (let i = 0; i < 20; i++) test.room.act('ada', 'add', 1, 16_000)
    test.pass(10)
    expect(test.state('ada')).toMatchObject({ count: 16 })
    expect(test.messages('ada', 'refused')).toHaveLength(4)
    test.room.act('ada', 'add', 1, 16_000)
    test.pass(10)
    expect(test.state('ada')).toMatchObject({ count: 17 })
  })
})

describe('mistakes', () => {
  it('a mistake in an action is logged with its place, a rule that says no is not', () => {
    const test = new TestRoom(
      withServer(`${COUNTER}
actions.wrong = (state) => {
  state.nobody.x = 1
}`),
    )
    test.join('ada')
    test.room.act('ada', 'add', 200) // throws new Error('too much')
    test.room.act('ada', 'wrong', null)
    test.pass(10)
    expect(test.logs).toEqual([
      expect.stringMatching(/^server\.js:10:18 actions\.wrong: TypeError: Cannot set properties/),
    ])
  })
})

describe('room', () => {
  it('an export that nothing calls is told to the creator', () => {
    const test = new TestRoom(withServer(`${COUNTER}\nexport const tik = () => {}`))
    expect(test.logs).toEqual([expect.stringMatching(/^server\.js exports "tik", which nothing calls/)])
  })

  it('what is logged while loading and in setup reaches the creator; the clock has whole milliseconds', () => {
    const test = new TestRoom(
      withServer(
        "console.log('loading')\nexport const setup = () => { console.log('setup', Number.isInteger(Date.now())); return {} }",
      ),
    )
    expect(test.logs).toEqual(['loading', 'setup true'])
  })

  it('a store write of another room does not wake a room where nobody is', () => {
    const test = new TestRoom(withServer(COUNTER))
    for (let i = 0; i < 5; i++) test.room.storeChanged('best', i)
    expect(test.room.dueMs()).toBe(Infinity)
  })

  it('room.store: a name that there is not can be taken away as often as one likes, and that is no write', () => {
    const test = new TestRoom(
      withServer(`${COUNTER}
actions.clear = (state, player, [from, to], room) => { for (let i = from; i < to; i++) room.store.set('n' + i, null) }
actions.set = (state, player, name, room) => room.store.set(name, 1)`),
    )
    test.join('ada')
    for (const [action, data] of [
      ['clear', [0, 500]],
      ['set', 'n7'],
      ['clear', [0, 500]],
      ['clear', [0, 500]],
    ] as const) {
      test.room.act('ada', action, data as never)
      test.pass(10)
    }
    expect(test.stored).toEqual([
      ['n7', 1],
      ['n7', null],
    ])
  })

  it('room.store counts bytes, as what keeps it does, and takes names that are text', () => {
    const test = new TestRoom(
      withServer(`${COUNTER}
actions.set = (state, player, [name, value], room) => room.store.set(name, value)`),
    )
    test.join('ada')
    for (const entry of [
      ['a', '漢'.repeat(30_000)],
      ['b\u0000', 1],
      ['c', '漢'.repeat(20_000)],
      ['d', 'x'.repeat(6_000)],
    ])
      test.room.act('ada', 'set', entry)
    test.pass(10)
    expect(test.stored.map(([name]) => name)).toEqual(['c'])
    expect(test.messages('ada', 'refused').map(({ why }) => why)).toEqual([
      expect.stringMatching(/65536 bytes/),
      expect.stringMatching(/without control characters/),
      expect.stringMatching(/65536 bytes/),
    ])
  })

  it('send reaches one player, broadcast all, log the creator', () => {
    const test = new TestRoom(
      withServer(`${COUNTER}
actions.talk = (state, player, data, room) => {
  room.send(player, { only: player.name })
  room.broadcast(['all', data])
  room.log('said', { data })
  console.log('also')
}`),
    )
    test.join('ada')
    test.join('bob')
    test.pass(10)
    test.room.act('ada', 'talk', 3)
    test.pass(10)
    expect(test.messages('ada', 'msg').map(({ m }) => m)).toEqual([{ only: 'ada' }, ['all', 3]])
    expect(test.messages('bob', 'msg').map(({ m }) => m)).toEqual([['all', 3]])
    expect(test.logs).toEqual(['said {"data":3}', 'also'])
  })

  it('a room that logs without end is held to its rate, and says how much was dropped', () => {
    const test = new TestRoom(
      withServer('export const tick = (state, room) => { for (let i = 0; i < 50; i++) room.log(room.frame, i) }'),
    )
    test.join('ada')
    test.pass(10_000)
    expect(test.logs.length).toBeGreaterThan(200)
    expect(test.logs.length).toBeLessThan(100 + 20 * 10 * 2)
    expect(
      test.logs.some((line) =>
        /^\(\d+ lines dropped: a room may log 20 lines and 4000 characters a second\)$/.test(line),
      ),
    ).toBe(true)
  })

  it('[EN1] a result over 64 KiB is refused', () => {
    const test = new TestRoom(withServer("export const actions = { end: (s, p, n, room) => room.end('x'.repeat(n)) }"))
    test.join('ada')
    test.room.act('ada', 'end', 70_000)
    test.pass(10)
    expect(test.messages('ada', 'refused')[0]!.why).toMatch(/the limit is 65536/)
    test.room.act('ada', 'end', 60_000)
    test.pass(60)
    expect(test.ended?.reason).toBe('finished')
  })

  it('store keeps values between rooms; a refused action writes nothing', () => {
    const build = withServer(`
export const setup = () => ({ best: 0 })
export const actions = {
  save(state, player, n, room) { room.store.set('best', n); if (n < 0) throw new Error('no') },
  read(state, player, data, room) { state.best = room.store.get('best') },
}`)
    const test = new TestRoom(build, new Map([['best', 3]]))
    test.join('ada')
    for (const [action, data] of [
      ['read', null],
      ['save', 9],
      ['save', -1],
    ] as const)
      test.room.act('ada', action, data)
    test.pass(10)
    expect(test.state('ada')).toEqual({ best: 3 })
    test.room.act('ada', 'read', null)
    test.pass(10)
    expect(test.state('ada')).toEqual({ best: 9 })
    expect(test.stored).toEqual([['best', 9]])
    test.room.storeChanged('best', 12)
    test.room.act('ada', 'read', null)
    test.pass(10)
    expect(test.state('ada')).toEqual({ best: 12 })
  })

  it('relative imports and TypeScript files work on the server', () => {
    const build = buildOf({
      'server.ts':
        "import { start, type Score } from './lib/score.ts'\nexport const setup = (): { score: Score } => ({ score: start })",
      'lib/score.ts': 'export type Score = number\nexport const start: Score = 41 + 1',
    })
    const test = new TestRoom(build)
    test.join('ada')
    test.pass(10)
    expect(test.state('ada')).toEqual({ score: 42 })
  })
})
