// Budgets of a game on real isolates: each is held, counted, and does no harm to what stays within it.
import { DEFAULT_BUDGETS, METERS } from '@sandlot/shared/budgets.ts'
import { newRoomId } from '@sandlot/shared/random-ids.ts'
import { describe, expect, it } from 'vitest'
import { buildOf } from '../testing/folder.ts'
import { COUNTER, TestRoom, withServer } from '../testing/room.ts'
import { Game, type GameSink } from './game.ts'
import { Usages } from './usage.ts'

const nothing = () => {}
const deaf: GameSink = {
  send: nothing,
  close: nothing,
  seat: nothing,
  log: nothing,
  problem: nothing,
  store: nothing,
  ended: nothing,
  beat: nothing,
  usage: nothing,
}
const BUSY = `
export const setup = () => ({ ticks: 0 })
export const tick = (state) => { let x = 0; for (let i = 0; i < 3e5; i++) x += Math.sqrt(i); state.ticks++; state.x = x }
`
const ticks = (test: TestRoom) => (test.state('ada') as { ticks: number }).ticks

describe('CPU time', () => {
  it('a room that uses more than its share runs slower, keeps its state, and its creator is told now and then', () => {
    const test = new TestRoom(withServer(BUSY), new Map(), [1, 2, 3, 4], { cpuMsPerSecond: 1, cpuCreditMs: 1 })
    test.join('ada')
    test.pass(120_000)
    expect(ticks(test)).toBeGreaterThan(1)
    expect(ticks(test)).toBeLessThan(1_000) // 2,400 are due
    expect(test.ended).toBeUndefined()
    const told = test.logs.filter((line) => line.includes('its 1 ms a second')).length
    expect(told).toBeGreaterThan(0)
    expect(told).toBeLessThanOrEqual(13) // every ten seconds
    expect(test.usages.report(0).cpuMsPerSecond.over).toBeGreaterThan(0)
  })

  it('a room within its share runs at its full rate', () => {
    const test = new TestRoom(withServer(BUSY), new Map(), [1, 2, 3, 4], { cpuMsPerSecond: 1_000, cpuCreditMs: 60_000 })
    test.join('ada')
    test.pass(2_000)
    expect(ticks(test)).toBeGreaterThanOrEqual(40)
    test.room.tidy(test.nowMs)
    const { cpuMsPerSecond, frameMs } = test.usages.report(0)
    expect(cpuMsPerSecond.over).toBe(0)
    expect(cpuMsPerSecond.used).toBeGreaterThan(0)
    expect(frameMs.used).toBeGreaterThan(0)
  })

  it('a frame that takes too long is counted, and the room goes on from its checkpoint', () => {
    const test = new TestRoom(withServer(`${COUNTER}; actions.hang = () => { for (;;); }`), new Map(), [1, 2, 3, 4], {
      frameMs: 100,
    })
    test.join('ada')
    test.pass(10)
    test.room.act('ada', 'hang', null)
    test.pass(100)
    expect(test.problems.at(-1)?.message).toBe('server.js ran longer than 100 ms and was stopped')
    expect(test.usages.report(0).frameMs.over).toBe(1)
    test.room.act('ada', 'add', 2)
    test.pass(100)
    expect(test.state('ada')).toMatchObject({ count: 2 })
  })
})

describe('what a room says', () => {
  const CHATTY = `
export const setup = () => ({})
export const actions = { say(state, player, n, room) { for (let i = 0; i < n; i++) room.broadcast(i) } }
`
  it('messages of one frame: one too many throws and none is sent; as many as allowed are', () => {
    const test = new TestRoom(withServer(CHATTY), new Map(), [1, 2, 3, 4], { frameMessages: 5 })
    test.join('ada')
    test.pass(10)
    test.room.act('ada', 'say', 6)
    test.pass(10)
    expect(test.messages('ada', 'msg')).toEqual([])
    expect(test.messages('ada', 'refused')[0]!.why).toBe('room.broadcast: more than 5 messages in one frame')
    expect(test.usages.report(0).frameMessages.over).toBe(1)
    test.room.act('ada', 'say', 5)
    test.pass(10)
    expect(test.messages('ada', 'msg')).toHaveLength(5)
    expect(test.usages.report(0).frameMessages).toEqual({ used: 5, limit: 5, over: 1 })
  })

  it('a log is held to characters as well as lines', () => {
    const test = new TestRoom(
      withServer("export const tick = (state, room) => room.log('x'.repeat(1_000))"),
      new Map(),
      [1, 2, 3, 4],
      { logBytesPerSecond: 1_000 },
    )
    test.join('ada')
    test.pass(10_000)
    const kept = test.logs.filter((line) => line.startsWith('xxx')).length
    expect(kept).toBeGreaterThanOrEqual(10)
    expect(kept).toBeLessThanOrEqual(16) // 10 seconds, and the 5 that a quiet room has saved
    expect(test.usages.report(0).logBytesPerSecond.over).toBeGreaterThan(100)
  })
})

describe('what a room keeps', () => {
  const GROW = `
export const setup = () => ({ text: '' })
export const actions = {
  grow(state, player, n) { state.text = 'x'.repeat(n) },
  keep(state, player, n, room) { room.store.set('best', 'x'.repeat(n)) },
}
`
  it('state: what makes it too large is undone and counted; what fits is kept', () => {
    const test = new TestRoom(withServer(GROW), new Map(), [1, 2, 3, 4], { stateBytes: 1_000 })
    test.join('ada')
    test.room.act('ada', 'grow', 2_000)
    test.pass(10)
    expect(test.state('ada')).toEqual({ text: '' })
    expect(test.usages.report(0).stateBytes.over).toBeGreaterThan(0)
    test.room.act('ada', 'grow', 900)
    test.pass(10)
    expect(test.state('ada')).toEqual({ text: 'x'.repeat(900) })
  })

  it('store: what does not fit throws and is counted; what fits is kept', () => {
    const test = new TestRoom(withServer(GROW), new Map(), [1, 2, 3, 4], { storeBytes: 1_000 })
    test.join('ada')
    test.pass(10)
    test.room.act('ada', 'keep', 2_000)
    test.pass(10)
    expect(test.messages('ada', 'refused')[0]!.why).toMatch(/over the limit of 1000 bytes/)
    expect(test.usages.report(0).storeBytes.over).toBe(1)
    test.room.act('ada', 'keep', 900)
    test.pass(10)
    expect(test.stored).toEqual([['best', 'x'.repeat(900)]])
  })

  it('memory of one room: passing it sends the room back to its checkpoint; the limit is the one of its budget', () => {
    const test = new TestRoom(
      withServer(`${COUNTER}; actions.eat = () => { const all = []; for (;;) all.push({ a: all.length }) }`),
      new Map(),
      [1, 2, 3, 4],
      { roomMemoryMiB: 16, frameMs: 15_000 },
    )
    test.join('ada')
    test.pass(10)
    test.room.act('ada', 'eat', null)
    test.pass(100)
    expect(test.problems.at(-1)?.message).toBe('server.js used more than 16 MiB of memory and was stopped')
    expect(test.usages.report(0).roomMemoryMiB).toMatchObject({ limit: 16, over: 1 })
  })
})

describe('rooms and players of a game', () => {
  const gameWith = (budgets: Partial<typeof DEFAULT_BUDGETS>) => {
    const usages = new Usages({ ...DEFAULT_BUDGETS, ...budgets })
    return { usages, game: new Game(buildOf({ 'server.js': COUNTER }), new Map(), deaf, usages) }
  }

  it('one room too many is refused and counted; when one has ended there is space again', () => {
    const { game, usages } = gameWith({ rooms: 2 })
    const ids = [newRoomId(), newRoomId(), newRoomId()] as const
    expect(ids.map((id) => game.ensure(id).outcome)).toEqual(['ok', 'ok', 'too-many-rooms'])
    expect(usages.report(0).rooms.over).toBe(1)
    game.room(ids[0])!.end('stopped', null)
    expect(game.ensure(newRoomId())).toEqual({ outcome: 'ok' })
    game.stop()
  })

  it('one player too many is refused and counted, in whichever room; a seat given up is free again', () => {
    const { game, usages } = gameWith({ players: 2 })
    const rooms = [game.open()!, game.open()!]
    expect(rooms[0]!.sit({ id: 'a', name: 'A' }, 0)).toBe(true)
    expect(rooms[1]!.sit({ id: 'b', name: 'B' }, 0)).toBe(true)
    expect(rooms[1]!.sit({ id: 'c', name: 'C' }, 0)).toBe(false)
    expect(usages.report(0).players.over).toBe(1)
    rooms[0]!.leave('a', 0)
    expect(rooms[1]!.sit({ id: 'c', name: 'C' }, 0)).toBe(true)
    game.stop()
  })

  it('no further room is made when the process has little memory left; the first one always is', () => {
    const { game, usages } = gameWith({ memoryMiB: 1 })
    expect(game.ensure(newRoomId())).toEqual({ outcome: 'ok' })
    expect(game.ensure(newRoomId())).toEqual({ outcome: 'too-many-rooms' })
    expect(usages.report(0).memoryMiB.over).toBe(1)
    game.stop()
  })
})

describe('usage', () => {
  it('names every budget with what is used of it and its limit; a peak is seen for seconds, then forgotten', () => {
    const usages = new Usages(DEFAULT_BUDGETS)
    usages.note('stateBytes', 500)
    usages.note('stateBytes', 300)
    expect(Object.keys(usages.report(0)).sort()).toEqual([...METERS].sort())
    expect(usages.report(1_000).stateBytes).toEqual({ used: 500, limit: DEFAULT_BUDGETS.stateBytes, over: 0 })
    expect(usages.report(6_000).stateBytes.used).toBe(500)
    usages.report(12_000)
    expect(usages.report(13_000).stateBytes.used).toBe(0)
  })
})
