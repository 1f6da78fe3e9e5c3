// Who is host of a room, and games without server.js, whose host keeps the state.
import type { Json } from '@sandlot/shared/protocol/messages.ts'
import { MAX_STATE_PARTS, type RelayView, stateMessages } from '@sandlot/shared/protocol/relay.ts'
import { describe, expect, it } from 'vitest'
import { buildOf } from '../testing/folder.ts'
import { COUNTER, TestRoom, withServer } from '../testing/room.ts'
import type { Build } from './build.ts'

const host = (test: TestRoom, player: string) => test.messages(player, 'players').at(-1)!.host
const view = (test: TestRoom, player: string) => test.state(player) as unknown as RelayView
const refusals = (test: TestRoom, player: string) => test.messages(player, 'refused').map(({ why }) => why)

/** A room of a game without server.js, and its players. */
function relayRoom(...players: string[]): TestRoom {
  return roomOf(buildOf({}), ...players)
}
function roomOf(build: Build, ...players: string[]): TestRoom {
  const test = new TestRoom(build)
  for (const player of players) test.join(player)
  test.pass(0)
  return test
}
/** `player` sends the room this action, and it happens. */
function act(test: TestRoom, player: string, action: string, data: unknown): void {
  test.room.act(player, action, data as Json)
  test.pass(0)
}
/** Sets the state as an honest host does. */
function set(test: TestRoom, player: string, value: Json): void {
  const { e, n, s } = view(test, player)
  for (const message of stateMessages({ n, value: s }, value, { e, n: n + 1 })) act(test, player, 'state', message)
}

describe('the host of a room', () => {
  it('[HS1] is the first who connects', () => {
    const test = new TestRoom(withServer(COUNTER))
    test.join('ada')
    test.join('bob')
    expect([host(test, 'ada'), host(test, 'bob')]).toEqual(['ada', 'ada'])
  })

  it('[HS2] who leaves is followed at once by the first who is connected', () => {
    const test = relayRoom('ada', 'bob', 'cyd')
    test.room.disconnect('bob', test.nowMs)
    test.room.leave('ada', test.nowMs)
    expect(host(test, 'cyd')).toBe('cyd')
  })

  it('[HS3] whose connection drops stays host for three seconds', () => {
    const test = relayRoom('ada', 'bob')
    test.room.disconnect('ada', test.nowMs)
    test.room.tidy(test.nowMs + 2_999)
    expect(host(test, 'bob')).toBe('ada')
    test.room.connect('ada')
    test.room.tidy(test.nowMs + 60_000)
    expect(host(test, 'bob')).toBe('ada')
  })

  it('[HS3] who is away for longer comes back as a player like others', () => {
    const test = relayRoom('ada', 'bob')
    test.room.disconnect('ada', test.nowMs)
    test.room.tidy(test.nowMs + 3_000)
    expect(host(test, 'bob')).toBe('bob')
    test.room.connect('ada')
    test.room.tidy(test.nowMs + 9_000)
    expect(host(test, 'ada')).toBe('bob')
  })

  it('[HS3] stays the same while nobody is connected', () => {
    const test = relayRoom('ada', 'bob')
    for (const id of ['ada', 'bob']) test.room.disconnect(id, test.nowMs)
    test.room.tidy(test.nowMs + 10_000)
    test.room.connect('ada')
    test.room.tidy(test.nowMs + 10_000)
    expect(host(test, 'ada')).toBe('ada')
  })

  it('[HS3] whose page sleeps for three seconds is followed by one whose game runs', () => {
    const test = relayRoom('ada', 'bob', 'cyd')
    test.room.away('bob', true, test.nowMs)
    test.room.away('ada', true, test.nowMs)
    test.room.tidy(test.nowMs + 2_999)
    expect(host(test, 'cyd')).toBe('ada')
    test.room.tidy(test.nowMs + 3_000)
    expect(host(test, 'cyd')).toBe('cyd')
  })

  it('[HS3] stays the same while the game stands still everywhere, or when it wakes up in time', () => {
    const test = relayRoom('ada', 'bob')
    for (const id of ['ada', 'bob']) test.room.away(id, true, test.nowMs)
    test.room.tidy(test.nowMs + 9_000)
    expect(host(test, 'bob')).toBe('ada')
    test.room.away('ada', false, test.nowMs)
    test.room.away('bob', false, test.nowMs)
    test.room.tidy(test.nowMs + 9_000)
    expect(host(test, 'bob')).toBe('ada')
  })

  it('[HS4] is told to server.js, in the order of events', () => {
    const test = new TestRoom(
      withServer(`export const setup = () => ({ order: [] })
export const join = (state, { id }) => { state.order.push('join ' + id) }
export const leave = (state, { id }) => { state.order.push('leave ' + id) }
export const host = (state, { id }) => { state.order.push('host ' + id) }`),
    )
    test.join('ada')
    test.join('bob')
    test.pass(0)
    test.room.leave('ada', test.nowMs)
    test.pass(0)
    expect(test.state('bob')).toEqual({ order: ['join ada', 'host ada', 'join bob', 'leave ada', 'host bob'] })
  })
})

describe('a game without server.js', () => {
  it('[RL1] builds, starts, and shows everybody the state that its host sets', () => {
    const test = relayRoom('ada', 'bob')
    expect(view(test, 'bob')).toEqual({ h: 'ada', e: 1, n: 0, s: null })
    set(test, 'ada', { ball: { x: 1.5, y: 2 }, list: [1, 2, 3] })
    expect(view(test, 'bob').s).toEqual({ ball: { x: 1.5, y: 2 }, list: [1, 2, 3] })
    set(test, 'ada', { ball: { x: 5, y: 2 }, list: [1] })
    expect(view(test, 'bob')).toEqual({ h: 'ada', e: 1, n: 2, s: { ball: { x: 5, y: 2 }, list: [1] } })
    expect(test.problems).toEqual([])
  })

  it('[RL2] takes no state of anybody else', () => {
    const test = relayRoom('ada', 'bob')
    set(test, 'ada', { score: 1 })
    act(test, 'bob', 'state', { e: 1, n: 9, b: null, p: { v: { score: 1000 } } })
    expect(refusals(test, 'bob')).toEqual(['only the host can set the state'])
    expect(view(test, 'ada').s).toEqual({ score: 1 })
  })

  it.each<[string, unknown]>([
    ['of an earlier time as host', { e: 0, n: 9, b: null, p: { v: 1 } }],
    ['that is not newer', { e: 1, n: 1, b: null, p: { v: 1 } }],
    ['whose number is none', { e: 1, n: Number.MAX_VALUE, b: null, p: { v: 1 } }],
    ['that changes another state', { e: 1, n: 9, b: 0, p: { v: 1 } }],
    ['whose change does not fit', { e: 1, n: 9, b: 1, p: { p: { gone: { l: 3 } } } }],
    ['that would reach a prototype', { e: 1, n: 9, b: 1, p: { p: { constructor: { s: { x: 1 } } } } }],
    ['without a change', { e: 1, n: 9, b: 1 }],
    ['whose change is no object', { e: 1, n: 9, b: 1, p: 7 }],
    ['with a list of a billion holes', { e: 1, n: 9, b: null, p: { v: null, s: {} }, q: 1, x: 5, i: 0, of: 1 }],
    ['in part 2 without part 1', { e: 1, i: 1, of: 2, x: '}' }],
    ['in more parts than there may be', { e: 1, i: 0, of: MAX_STATE_PARTS + 1, x: '{' }],
    ['in parts that are no JSON', { e: 1, i: 0, of: 1, x: '{' }],
    ['in parts with a key __proto__', { e: 1, i: 0, of: 1, x: '{"n":9,"b":null,"p":{"v":{"__proto__":{"x":1}}}}' }],
    ['that is null', null],
  ])('[RL2] refuses a state %s, changes nothing and takes the next good one', (_, message) => {
    const test = relayRoom('ada', 'bob')
    set(test, 'ada', { score: 1 })
    act(test, 'ada', 'state', message)
    expect(refusals(test, 'ada')).toHaveLength(1)
    expect(view(test, 'bob')).toEqual({ h: 'ada', e: 1, n: 1, s: { score: 1 } })
    set(test, 'ada', { score: 2 })
    expect(view(test, 'bob')).toMatchObject({ n: 2, s: { score: 2 } })
  })

  it('[RL2] refuses a state that grows beyond the budget', () => {
    const test = new TestRoom(buildOf({}), new Map(), [1, 2, 3, 4], { stateBytes: 20_000 })
    for (const id of ['ada', 'bob']) test.join(id)
    test.pass(0)
    set(test, 'ada', { list: [] })
    for (let n = 2; n < 7; n++) {
      expect(refusals(test, 'ada')).toEqual([])
      act(test, 'ada', 'state', { e: 1, n, b: n - 1, p: { s: { [n]: 'x'.repeat(4_900) } } })
    }
    expect(refusals(test, 'ada')).toEqual([expect.stringMatching(/too large|the limit is/)])
    expect(Object.keys(view(test, 'bob').s as object)).toHaveLength(5)
  })

  it('[RL3] the next host, a newcomer and one who comes back have the last state', () => {
    const test = relayRoom('ada', 'bob')
    set(test, 'ada', { score: 7 })
    test.room.leave('ada', test.nowMs)
    test.join('cyd')
    test.pass(0)
    expect(view(test, 'bob')).toEqual({ h: 'bob', e: 2, n: 0, s: { score: 7 }, i: {} })
    expect(view(test, 'cyd')).toEqual({ h: 'bob', e: 2, n: 0, s: { score: 7 } })
    set(test, 'bob', { score: 8 })
    expect(view(test, 'cyd').s).toEqual({ score: 8 })
    test.room.disconnect('cyd', test.nowMs)
    test.room.connect('cyd')
    test.pass(0)
    expect(view(test, 'cyd').s).toEqual({ score: 8 })
  })

  it('[RL4] what players send is shown to the host alone, and is gone when they leave', () => {
    const test = relayRoom('ada', 'bob', 'cyd')
    act(test, 'bob', 'input', { n: 1, k: { left: 1 } })
    act(test, 'cyd', 'input', { n: 5, k: 'jump' })
    expect(view(test, 'ada').i).toEqual({ bob: [1, { left: 1 }], cyd: [5, 'jump'] })
    expect(view(test, 'bob').i).toBeUndefined()
    test.room.leave('cyd', test.nowMs)
    test.pass(0)
    expect(view(test, 'ada').i).toEqual({ bob: [1, { left: 1 }] })
  })

  it.each<[string, unknown]>([
    ['too large', { n: 1, k: 'x'.repeat(1_001) }],
    ['without a number', { n: '1', k: 1 }],
    ['of nothing', null],
    ['without a value', { n: 1 }],
  ])('[RL4] refuses an input that is %s', (_, data) => {
    const test = relayRoom('ada', 'bob')
    act(test, 'bob', 'input', data)
    expect(refusals(test, 'bob')).toHaveLength(1)
    expect(view(test, 'ada').i).toEqual({})
  })

  it('[RL5] a state that is too long for one message comes in parts', () => {
    const test = relayRoom('ada', 'bob')
    const value = { text: 'é"'.repeat(15_000), deep: JSON.parse(`${'['.repeat(30)}1${']'.repeat(30)}`) }
    const messages = stateMessages(undefined, value, { e: 1, n: 1 })
    expect(messages.length).toBeGreaterThan(5)
    for (const message of messages) {
      expect(Buffer.byteLength(JSON.stringify({ t: 'act', a: 'state', d: message }))).toBeLessThan(16 * 1024)
      expect(view(test, 'bob').s).toBeNull()
      act(test, 'ada', 'state', message)
    }
    expect(view(test, 'bob').s).toEqual(value)
  })

  it('[SV1] a build with server.js finds the host’s state, and one without finds that of server.js', () => {
    const test = relayRoom('ada', 'bob')
    set(test, 'ada', { score: 7 })
    const server = withServer('export const migrate = ({ state }) => ({ score: state.score + 1 })')
    expect(test.room.offer(server, test.nowMs)).toBeNull()
    test.pass(0)
    expect(test.state('bob')).toEqual({ score: 8 })
    expect(test.room.offer(buildOf({}), test.nowMs)).toBeNull()
    test.pass(0)
    expect(view(test, 'bob')).toMatchObject({ h: 'ada', s: { score: 8 } })
    set(test, 'ada', { score: 9 })
    expect(view(test, 'bob').s).toEqual({ score: 9 })
  })
})

describe('[PP2] signals between players', () => {
  const PEERS = { 'game.json': '{ "peerToPeer": true }' }
  const heard = (test: TestRoom, player: string) =>
    test.messages(player, 'signal').map(({ from, d }) => `${from}: ${d}`)

  it('reach the host from others and others from the host, with the name of who sent them', () => {
    const test = roomOf(buildOf(PEERS), 'ada', 'bob', 'cyd')
    test.room.signal('bob', 'ada', 'offer', test.nowMs)
    test.room.signal('ada', 'bob', 'answer', test.nowMs)
    expect([heard(test, 'ada'), heard(test, 'bob'), heard(test, 'cyd')]).toEqual([['bob: offer'], ['ada: answer'], []])
  })

  it.each<[string, string, string]>([
    ['between two who are not host', 'bob', 'cyd'],
    ['to oneself', 'ada', 'ada'],
    ['to somebody who is not there', 'ada', 'eve'],
    ['of somebody who is not there', 'eve', 'bob'],
  ])('do not go %s', (_, from, to) => {
    const test = roomOf(buildOf(PEERS), 'ada', 'bob', 'cyd')
    test.room.signal(from, to, 'x', test.nowMs)
    expect(['ada', 'bob', 'cyd'].flatMap((player) => heard(test, player))).toEqual([])
  })

  it('do not wait for somebody who is not connected', () => {
    const test = roomOf(buildOf(PEERS), 'ada', 'bob')
    test.room.disconnect('bob', test.nowMs)
    test.room.signal('ada', 'bob', 'x', test.nowMs)
    test.room.connect('bob')
    expect(heard(test, 'bob')).toEqual([])
  })

  it('are refused when there are too many, and when the game has not asked for them', () => {
    const test = roomOf(buildOf(PEERS), 'ada', 'bob')
    for (let i = 0; i < 100; i++) test.room.signal('bob', 'ada', 'x', test.nowMs)
    expect(heard(test, 'ada')).toHaveLength(64)
    expect(new Set(refusals(test, 'bob'))).toEqual(new Set(['too many signals']))
    for (const build of [buildOf({}), withServer(COUNTER)]) {
      const other = roomOf(build, 'ada', 'bob')
      other.room.signal('bob', 'ada', 'x', other.nowMs)
      expect(heard(other, 'ada')).toEqual([])
      expect(refusals(other, 'bob')).toEqual(['this game has no direct connections'])
    }
  })
})
