// What happens to reports while the bridge is away, and when the supervisor is killed with some of them unsent.
import { appendFileSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { MAX_LOG_CHARS } from '@sandlot/shared/limits.ts'
import { newRoomId } from '@sandlot/shared/random-ids.ts'
import { pino } from 'pino'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { retryDelayMs } from './backoff.ts'
import { connectBridge } from './bridge.ts'
import { Disk } from './disk.ts'
import { Queue } from './queue.ts'
import { ownerOf, type Report } from './report.ts'
import { type Delivery, Reports } from './reports.ts'
import { BridgeDoor } from './testing/bridge.ts'
import { newFolder, testNode } from './testing/node.ts'
import { until } from './testing/until.ts'

const log = pino({ level: 'silent' })
const disk = new Disk(log)
let folder: string
let path: string
let door: BridgeDoor
beforeEach(async () => {
  folder = newFolder()
  path = join(folder, 'reports.jsonl')
  door = new BridgeDoor('token')
  await door.up()
})
afterEach(async () => {
  await door.close()
  rmSync(folder, { recursive: true })
})
const open = (token = 'token') => new Reports(connectBridge(door.url, token), new Queue(path, disk), log)

describe('reports', () => {
  it('arrive in the order in which they were made, each once', async () => {
    await using reports = open()
    const rooms = Array.from({ length: 50 }, newRoomId)
    for (const room of rooms) {
      reports.room('pong', room, { type: 'opened' })
      reports.room('pong', room, { type: 'ended', reason: 'finished', result: { winner: 1 } })
    }
    await until('all of them', () => door.rooms.length === 100)
    expect(door.rooms.map(({ room }) => room)).toEqual(rooms.flatMap((room) => [room, room]))
    expect(new Set(door.keys).size).toBe(100)
  })

  it('wait while the bridge is away, and go out when it is back', async () => {
    await using reports = open()
    door.down()
    const room = newRoomId()
    reports.room('pong', room, { type: 'opened' })
    reports.seat('pong', room, 'p0123456789012345678', 'joined')
    await door.up()
    await until('both', () => door.seats.length === 1)
    expect(door.rooms).toHaveLength(1)
  })

  it('survive the end of the process that made them, even with a torn last line', async () => {
    door.down()
    const room = newRoomId()
    {
      await using reports = open()
      reports.room('pong', room, { type: 'opened' })
      reports.room('pong', room, { type: 'ended', reason: 'crashed', result: null })
    }
    appendFileSync(path, '{"to":"rooms.seat","inp')
    await door.up()
    await using _reports = open()
    await until('both', () => door.rooms.length === 2)
    expect(door.ended(room)).toBe('crashed')
    await until('the file to be empty', () => readFileSync(path, 'utf8') === '')
  })

  it('that the bridge calls malformed are dropped, and do not hold up the next', async () => {
    await using reports = open()
    reports.room('pong', 'not a room id', { type: 'opened' })
    reports.room('pong', newRoomId(), { type: 'opened' })
    await until('the second', () => door.rooms.length === 1)
  })

  it('over which the bridge fails again and again are set aside, and do not hold up the next', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }) // the back-off adds up to minutes
    try {
      await using reports = open()
      const bad = newRoomId()
      const good = newRoomId()
      door.indigestible.add(bad)
      reports.room('pong', bad, { type: 'opened' })
      reports.room('pong', good, { type: 'opened' })
      const end = performance.now() + 10_000
      while (door.rooms.length === 0 && performance.now() < end) {
        await vi.advanceTimersByTimeAsync(1_000)
        await new Promise(setImmediate)
      }
      expect(door.broke).toBe(20)
      expect(door.rooms).toMatchObject([{ room: good }])
      const aside = readFileSync(join(folder, 'reports-refused.jsonl'), 'utf8').trim().split('\n')
      expect(aside.map((line) => JSON.parse(line))).toMatchObject([{ to: 'rooms.report', input: { room: bad } }])
    } finally {
      vi.useRealTimers()
    }
  })

  it('wait for a bridge that comes back, however often it could not be reached', async () => {
    let tries = 0
    const taken: string[] = []
    const away = {
      deliver: async (report: Report): Promise<Delivery> => {
        if (++tries < 50) return { type: 'try-again', why: 'away' }
        taken.push(report.to)
        return { type: 'answered', answer: { ok: true, repeated: false } }
      },
      loadStore: async () => ({ ok: false as const, why: 'away' }),
    }
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    try {
      await using reports = new Reports(away, new Queue(path, disk), log)
      reports.room('pong', newRoomId(), { type: 'opened' })
      for (let i = 0; i < 100 && taken.length === 0; i++) await vi.advanceTimersByTimeAsync(10_000)
      expect(taken).toEqual(['rooms.report'])
    } finally {
      vi.useRealTimers()
    }
  })

  it('are kept while the bridge does not know the token', async () => {
    {
      await using reports = open('wrong')
      reports.room('pong', newRoomId(), { type: 'opened' })
      await until('the report to be on disk', () => readFileSync(path, 'utf8').includes('opened'))
    }
    expect(door.rooms).toHaveLength(0)
    await using _reports = open()
    await until('the report', () => door.rooms.length === 1)
  })

  it('about logs go in batches, and say how many lines were dropped', async () => {
    await using reports = open()
    for (let i = 0; i < 1_000; i++) reports.log('pong', { at: i, room: null, text: `line ${i}` })
    await until('the log', () => door.logs.length > 0)
    expect(door.logs).toHaveLength(1)
    expect(door.logs[0]!.lines).toHaveLength(200)
    expect(door.logs[0]!.lines.at(-1)!.text).toBe('(801 more lines were dropped)')
  })

  it('about logs stay below what the door takes, even when every character is escaped', async () => {
    await using reports = open()
    const text = '\u0001'.repeat(MAX_LOG_CHARS)
    for (let i = 0; i < 199; i++) reports.log('pong', { at: i, room: null, text })
    await until('the log', () => door.logs.length > 0)
    const { lines } = door.logs[0]!
    expect(Buffer.byteLength(JSON.stringify(lines))).toBeLessThan(1.5 * 1024 * 1024)
    expect(lines.length).toBeGreaterThan(80)
    expect(lines.at(-1)!.text).toBe(`(${199 - (lines.length - 1)} more lines were dropped)`)
  })

  it('lose old log lines before anything else when the bridge is away for long', async () => {
    door.down()
    const queue = new Queue(path, disk)
    const room = newRoomId()
    {
      await using reports = new Reports(connectBridge(door.url, 'token'), queue, log)
      reports.room('pong', room, { type: 'opened' })
      for (let i = 0; i < 600; i++) {
        const input = {
          key: `k${String(i).padStart(19, '0')}`,
          game: 'pong',
          lines: [{ at: i, room: null, text: 'x' }],
        }
        queue.add({ to: 'logs.append', input })
      }
      reports.log('pong', { at: 0, room: null, text: 'the newest' })
    }
    const left = [...queue]
    expect(left.length).toBeLessThanOrEqual(501)
    expect(left[0]).toMatchObject({ to: 'rooms.report', input: { room } })
    expect(left.at(-1)).toMatchObject({ input: { lines: [{ text: 'the newest' }] } })
  })

  it('about the store are seen by the next start of the game before the bridge has them', async () => {
    door.store.set('pong', [
      { name: 'best', value: 1 },
      { name: 'old', value: true },
    ])
    const queue = new Queue(path, disk)
    await using reports = new Reports(connectBridge(door.url, 'wrong for writing'), queue, log)
    reports.store('pong', 'best', 2)
    await new Promise(setImmediate)
    reports.store('pong', 'best', 3)
    reports.store('pong', 'best', 3)
    reports.store('pong', 'old', null)
    expect([...queue].filter(({ to }) => to === 'store.set')).toHaveLength(3) // the first is on its way, so it stays
    expect(await reports.loadStore('pong')).toMatchObject({ ok: false })
    await using reader = new Reports(connectBridge(door.url, 'token'), queue, log)
    expect(await reader.loadStore('pong')).toEqual({ ok: true, entries: [{ name: 'best', value: 3 }] })
  })
})

describe('the order of reports', () => {
  /** A bridge that decides by `answer`; `sent` is what it was given, in order. */
  function bridge(answer: (report: Report, seq: number) => Delivery) {
    const sent: { report: Report; seq: number }[] = []
    const deliver = async (report: Report, seq: number) => {
      sent.push({ report, seq })
      return answer(report, seq)
    }
    return { sent, deliver, loadStore: async () => ({ ok: true as const, entries: [] }) }
  }
  const done: Delivery = { type: 'answered', answer: { ok: true, repeated: false } }

  it('is told by a number that grows, from the clock on, and jumps over what the bridge has seen', async () => {
    const ahead = Date.now() + 1_000_000_000 // an earlier supervisor's clock was wrong
    const door = bridge((_, seq) =>
      seq <= ahead ? { type: 'answered', answer: { ok: false, reason: 'out-of-order', last: ahead } } : done,
    )
    const startedMs = Date.now()
    const queue = new Queue(path, disk)
    await using reports = new Reports(door, queue, log)
    for (let i = 0; i < 5; i++) reports.room('pong', newRoomId(), { type: 'opened' })
    await until('all', () => queue.size === 0)
    const seqs = door.sent.map(({ seq }) => seq)
    expect(seqs[0]).toBeGreaterThanOrEqual(startedMs)
    expect(seqs.slice(1)).toEqual([1, 2, 3, 4, 5].map((n) => ahead + n))
    expect(door.sent[1]!.report).toEqual(door.sent[0]!.report)
  })

  it('a game that floods loses its own reports and no other, keeps what became of its rooms, and its creator is told', async () => {
    const door = bridge(() => ({ type: 'try-again', why: 'away' }))
    const queue = new Queue(path, disk)
    await using reports = new Reports(door, queue, log)
    const told: string[] = []
    reports.watchStore('busy', (text) => told.push(text))
    const rooms = Array.from({ length: 50 }, newRoomId)
    for (let i = 0; i < 4_000; i++) reports.store('busy', `n${i}`, i % 2 ? i : null)
    for (const room of rooms) reports.room('busy', room, { type: 'opened' })
    for (let i = 0; i < 1_000; i++) reports.store('calm', `n${i}`, i)
    reports.store('busy', 'n1', 'the last')
    for (const room of rooms) reports.seat('calm', room, 'p0123456789012345678', 'joined')
    const of = (game: string) => [...queue].filter((report) => ownerOf(report) === game)
    expect(of('calm')).toHaveLength(1_050)
    expect(of('busy').filter(({ to }) => to === 'rooms.report')).toHaveLength(50)
    expect(of('busy').filter(({ to }) => to === 'store.set')).toHaveLength(2_500)
    expect(of('busy').at(-1)).toMatchObject({ input: { name: 'n1', value: 'the last' } })
    expect(told[0]).toMatch(/is still on its way to the website. Set less, or less often/)
    expect(await reports.loadStore('calm')).toMatchObject({ ok: true, entries: { length: 1_000 } })
  })

  it('holds for a game of which the bridge wants no more for now, while those of others go on', async () => {
    let full = true
    const door = bridge((report) =>
      full && 'game' in report.input && report.input.game === 'busy' ? { type: 'too-many', why: 'enough' } : done,
    )
    const queue = new Queue(path, disk)
    await using reports = new Reports(door, queue, log)
    for (let i = 0; i < 3; i++) reports.store('busy', `n${i}`, i)
    for (let i = 0; i < 3; i++) reports.store('calm', `n${i}`, i)
    await until('the calm game', () => queue.size === 3)
    full = false
    await until('the busy game', () => queue.size === 0)
    const names = (game: string) =>
      door.sent.flatMap(({ report }) =>
        report.to === 'store.set' && report.input.game === game ? report.input.name : [],
      )
    expect(names('calm')).toEqual(['n0', 'n1', 'n2'])
    expect(names('busy').slice(-3)).toEqual(['n0', 'n1', 'n2'])
  })
})

describe('a node whose bridge is away', () => {
  it('does not start a game whose store it cannot read, says so, and starts it when the bridge is back', async () => {
    await using node = await testNode({ bridgeUp: false })
    const game = await node.game('hello')
    const room = newRoomId()
    const refused = await node.control.rooms.ensure.mutate({ game, room })
    expect(refused).toEqual({ ok: false, reason: 'unavailable', problem: null })
    const status = await until('the reason', async () => {
      const answer = await node.control.games.status.query({ game })
      return answer.ok && answer.status.why !== null && answer.status
    })
    expect(status.why).toContain('the website does not answer')
    await node.bridge.up()
    await until('a room', async () => (await node.control.rooms.ensure.mutate({ game, room })).ok)
    await until('the reports of before', () => node.bridge.builds.length === 1)
  })

  it('loses no report of a running game when the supervisor is killed meanwhile', async () => {
    await using node = await testNode()
    const game = await node.game('hello')
    const room = await node.room(game)
    await until('the room to be reported', () => node.bridge.rooms.length === 1)
    node.bridge.down()
    const player = await node.play(game, room)
    await until('the seat to be on disk', () =>
      readFileSync(join(node.data, 'reports.jsonl'), 'utf8').includes('joined'),
    )
    await node.stop('SIGKILL')
    player.leave()
    await node.bridge.up()
    await node.start()
    await until('the end', () => node.bridge.ended(room))
    expect(node.bridge.seats).toMatchObject([{ room, event: 'joined' }])
    expect(node.bridge.ended(room)).toBe('crashed')
  })
})

describe('back-off', () => {
  it('tries at once, then doubles up to its end, with jitter that only shortens', () => {
    const delays = Array.from({ length: 12 }, (_, i) => retryDelayMs({ firstMs: 200, maxMs: 30_000 }, i + 1, () => 0))
    expect(delays).toEqual([0, 200, 400, 800, 1_600, 3_200, 6_400, 12_800, 25_600, 30_000, 30_000, 30_000])
    expect(retryDelayMs({ firstMs: 200, maxMs: 30_000 }, 12, () => 1)).toBe(22_500)
  })
})
