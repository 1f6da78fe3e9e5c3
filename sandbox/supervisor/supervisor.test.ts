// What a node does as time goes by: only the clock is driven, games and builds are real.

import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DEFAULT_BUDGETS } from '@sandlot/shared/budgets.ts'
import { newRoomId } from '@sandlot/shared/random-ids.ts'
import { newTicketKeys } from '@sandlot/shared/ticket.ts'
import { pino } from 'pino'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { connectBridge } from './bridge.ts'
import { Disk } from './disk.ts'
import { childLauncher } from './process.ts'
import { Queue } from './queue.ts'
import { Reports } from './reports.ts'
import { noSftp } from './sftp.ts'
import { Supervisor } from './supervisor.ts'
import { BridgeDoor } from './testing/bridge.ts'
import { newFolder } from './testing/node.ts'
import { until } from './testing/until.ts'
import { Uploads } from './uploads.ts'

const log = pino({ level: 'silent' })
const game = 'hello'
let data: string
let supervisor: Supervisor
let reports: Reports
let uploads: Uploads | undefined
let bridge: BridgeDoor
/** What SFTP was told to open for each creator. */
const keys = new Map<string, string[]>()
const stack: AsyncDisposableStack[] = []

async function open(): Promise<void> {
  const parts = new AsyncDisposableStack()
  stack.push(parts)
  const disk = parts.use(new Disk(log))
  const queue = new Queue(join(data, 'reports.jsonl'), disk)
  reports = parts.use(new Reports(connectBridge(bridge.url, bridge.token), queue, log))
  const setKeys = async (access: { owner: string; keys: string[] }) => {
    keys.set(access.owner, access.keys)
    return true
  }
  const sftp = { ...noSftp(join(data, 'games'), 'not here'), setKeys }
  const launcher = childLauncher(log)
  const ticketKey = join(data, 'ticket.pem')
  const site = 'http://localhost:4000'
  supervisor = parts.use(
    await Supervisor.open({
      data,
      ticketKey,
      site,
      launcher,
      reports,
      disk,
      sftp,
      uploads: () => uploads,
      runningGames: 4,
      budgets: () => DEFAULT_BUDGETS,
      log,
    }),
  )
}
const status = async () => {
  const answer = await supervisor.status(game)
  if (!answer.ok) throw new Error(answer.reason)
  return answer.status
}

beforeEach(async () => {
  data = newFolder()
  writeFileSync(join(data, 'ticket.pem'), (await newTicketKeys()).publicPem)
  bridge = new BridgeDoor('token')
  await bridge.up()
  await open()
  await supervisor.createGame({ game, owner: 'u1', template: 'hello', title: 'Hello' })
})
afterEach(async () => {
  for (const parts of stack.splice(0)) await parts.disposeAsync() // with the clock that they were started with
  vi.useRealTimers()
  await bridge.close()
  rmSync(data, { recursive: true })
})

describe('a game', () => {
  it('is stopped when it had no room and no visitor for five minutes, not before', async () => {
    await stack.pop()!.disposeAsync()
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'Date'] })
    await open()
    const room = newRoomId()
    expect(await supervisor.ensureRoom(game, room)).toEqual({ ok: true })
    vi.advanceTimersByTime(20 * 60_000)
    expect(await status()).toMatchObject({ state: 'running', rooms: 1 })
    await supervisor.closeRoom(game, room)
    await until('the room to close', async () => (await status()).rooms === 0)
    await supervisor.ready(game)
    vi.advanceTimersByTime(4 * 60_000)
    expect(await status()).toMatchObject({ state: 'running' })
    vi.advanceTimersByTime(2 * 60_000)
    await until('the game to stop', async () => (await status()).state === 'stopped')
    expect(await status()).toMatchObject({ why: null })
  })

  it('keeps the last three builds on disk, and the pointer to the one that runs', async () => {
    const source = join(data, 'games', game)
    for (let version = 1; version <= 5; version++) {
      const before = (await status()).build
      writeFileSync(join(source, 'server.js'), `export const setup = () => ({ version: ${version} })\n`)
      await until(`build ${version}`, async () => (await status()).build !== before)
    }
    const { build } = await status()
    const kept = () => readdirSync(join(data, 'builds', game)).filter((name) => /^[0-9a-f]{32}$/.test(name))
    await until('old builds to go', () => kept().length === 3)
    expect(kept()).toContain(build)
    await stack.pop()!.disposeAsync()
    await open()
    expect((await status()).build).toBe(build)
  })

  it('whose folder was deleted by hand keeps its last build', async () => {
    await until('the build', async () => (await status()).build)
    rmSync(join(data, 'games', game), { recursive: true })
    expect(await supervisor.ensureRoom(game, newRoomId())).toEqual({ ok: true })
    expect(await supervisor.listFiles(game)).toEqual({ ok: false, reason: 'no-such-game' })
  })

  it('half made by a supervisor that was killed is swept away', async () => {
    mkdirSync(join(data, 'tmp', 'game-half'), { recursive: true })
    await stack.pop()!.disposeAsync()
    await open()
    expect(existsSync(join(data, 'tmp', 'game-half'))).toBe(false)
  })
})

it('games that somebody plays take the places of a machine; one that nobody plays gives way to who wants to play, and to no page', async () => {
  const owners: [game: string, owner: string][] = [
    ['one', 'u1'],
    ['two', 'u1'],
    ['three', 'u2'],
    ['four', 'u3'],
    ['five', 'u4'],
  ]
  await Promise.all(
    owners.map(([game, owner]) => supervisor.createGame({ game, owner, template: 'hello', title: 'Hello' })),
  )
  const play = (game: string, room = newRoomId()) => supervisor.ensureRoom(game, room)
  const stateOf = async (game: string) => (await supervisor.listGames()).find((one) => one.game === game)
  const room = newRoomId()
  expect(await supervisor.ready(game, 'page')).toMatchObject({ ok: true })
  expect(await Promise.all([play('one'), play(game)])).toEqual([{ ok: true }, { ok: true }])
  expect(await play('two')).toMatchObject({ ok: false, reason: 'creator-full' })
  expect(await Promise.all([play('three', room), play('four')])).toEqual([{ ok: true }, { ok: true }])
  expect(await play('five')).toMatchObject({ ok: false, reason: 'node-full' })
  expect(await supervisor.startGame('two')).toEqual({ ok: false, reason: 'creator-full' })
  expect(await supervisor.startGame('five')).toEqual({ ok: false, reason: 'node-full' })
  for (const id of ['two', 'five']) expect(await stateOf(id)).toMatchObject({ state: 'stopped', why: null })
  await supervisor.closeRoom('three', room)
  await until('the room to close', async () => (await stateOf('three'))?.rooms === 0)
  expect(await supervisor.ready('five', 'page')).toMatchObject({
    ok: false,
    why: expect.stringContaining('Press Play'),
  })
  expect(await stateOf('three')).toMatchObject({ state: 'running' })
  expect(await play('five')).toEqual({ ok: true })
  expect((await supervisor.listGames()).map(({ state }) => state).sort()).toEqual([
    ...Array(4).fill('running'),
    ...Array(2).fill('stopped'),
  ])
  expect(await stateOf('three')).toMatchObject({ state: 'stopped', why: null })
})

it('keys of a creator open this machine only while it has a game of theirs', async () => {
  let version = 0
  const set = (games: string[]) => supervisor.setKeys({ owner: 'u1', games, keys: ['a key'], version: ++version })
  await set(['elsewhere'])
  expect(keys.get('u1')).toEqual([])
  await set(['elsewhere', game])
  expect(keys.get('u1')).toEqual(['a key'])
  await set([])
  expect(keys.get('u1')).toEqual([])
})

it('a creator who has as much as one may have saves nothing more until something is removed, and is told so', async () => {
  await using own = new Uploads({
    sftp: noSftp(join(data, 'games'), 'not here'),
    games: () => supervisor.games,
    folder: (game) => join(data, 'games', game),
    ownerOf: (game) => supervisor.ownerOf(game),
    limits: { bytes: 2 ** 30, entries: 1_000, depth: 16 },
    ofCreator: { bytes: 100_000, entries: 1_000 },
    isBusy: () => false,
    restoredMs: (game) => supervisor.restoredMs(game),
    tell: (game, text) => supervisor.tell(game, text),
    log,
  })
  uploads = own
  try {
    const save = async (id: string, bytes: number) => {
      const content = ' '.repeat(bytes)
      const answer = await supervisor.writeFile({
        game: id,
        path: 'data.json',
        content,
        encoding: 'utf8',
        replaces: null,
      })
      return answer.ok || answer.reason
    }
    expect(await save(game, 100_000)).toBe('too-large')
    expect((await status()).log.at(-1)!.text).toMatch(/^data.json was not saved: /)
    await supervisor.createGame({ game: 'other', owner: 'u1', template: 'hello', title: 'Other' })
    expect(await save('other', 80_000)).toBe(true)
    expect(await save(game, 80_000)).toBe('too-large')
    await supervisor.removeGame('other')
    expect(await save(game, 80_000)).toBe(true)

    expect(await supervisor.restoredMs(game)).toBe(0)
    writeFileSync(join(data, 'restored', game), '')
    expect(await supervisor.restoredMs(game)).toBeGreaterThan(0)
    await supervisor.removeGame(game)
    expect(await supervisor.restoredMs(game)).toBe(0)
  } finally {
    uploads = undefined
  }
})

it('keys that come after later ones do not open anything again, also when nothing is left of the owner; the same ones may come twice', async () => {
  const set = (keys: string[], version: number) => supervisor.setKeys({ owner: 'u2', games: [game], keys, version })
  await Promise.all([set(['first'], 1_000), set(['second'], 1_001)])
  expect(keys.get('u2')).toEqual(['second'])
  expect(await set([], 1_003)).toEqual({ ok: true })
  expect(await set(['second'], 1_002)).toEqual({ ok: true })
  expect(keys.get('u2')).toEqual([])
  await set(['third'], 1_003)
  expect(keys.get('u2')).toEqual(['third'])
})

describe('a game that is removed', () => {
  it('takes what waits for the website along: its successor of the same name has a title, a store and a log of its own', async () => {
    await until('the first build', () => bridge.builds.length === 1)
    bridge.down()
    reports.store(game, 'best', 1)
    reports.store(game, 'best', 2)
    reports.log(game, { at: 1, room: null, text: 'of the first' })
    reports.build(game, '0'.repeat(32), { ...bridge.builds[0]!.manifest, title: 'Of the first' } as never)
    reports.store('other', 'best', 3)
    await supervisor.removeGame(game)
    const waiting = [...new Queue(join(data, 'reports.jsonl'), new Disk(log))] // what a supervisor would find that starts now
    expect(waiting.map(({ input }) => 'game' in input && input.game)).toEqual(['other'])
    await supervisor.createGame({ game, owner: 'u2', template: 'hello', title: 'The second' })
    await bridge.up()
    await until('the second build', () => bridge.builds.length === 2)
    await until('the other game', () => bridge.store.has('other'))
    expect(bridge.builds[1]!.manifest.title).toBe('The second')
    expect(bridge.store.get(game)).toBe(undefined)
    expect(await reports.loadStore(game)).toEqual({ ok: true, entries: [] })
    expect(bridge.logs.flatMap(({ lines }) => lines.map(({ text }) => text))).not.toContain('of the first')
  })

  it('does not start for somebody who asked before, and waits for its first build', async () => {
    await supervisor.createGame({ game: 'brief', owner: 'u1', template: 'hello', title: 'Brief' })
    const asked = supervisor.ready('brief')
    expect(await supervisor.removeGame('brief')).toEqual({ ok: true })
    expect(await asked).toMatchObject({ ok: false, reason: 'unavailable' })
    expect((await supervisor.ready(game))?.ok).toBe(true) // while another is there
  })
})
