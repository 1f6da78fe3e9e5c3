import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { bridgeAnswer } from '@sandlot/shared/contract.ts'
import { MAX_STORE_BYTES } from '@sandlot/shared/limits.ts'
import { manifestSchema } from '@sandlot/shared/manifest.ts'
import { newPlayerId, newRoomId } from '@sandlot/shared/random-ids.ts'
import { openDatabase } from '@sandlot/website/db/database.ts'
import { startPostgres } from '@sandlot/website/db/embedded.ts'
import { prepareDatabase } from '@sandlot/website/db/prepare.ts'
import { type TestDatabase, testDatabase } from '@sandlot/website/testing/postgres.ts'
import { run } from '@sandlot/website/testing/site.ts'
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import type { z } from 'zod'
import { type Client, client, type Stamp, seed, stamp, TOKENS, testBridge } from './testing/bridge.ts'

type Answer = z.infer<typeof bridgeAnswer>
const DONE: Answer = { ok: true, repeated: false }
const REPEATED: Answer = { ok: true, repeated: true }
const NOT_YOURS: Answer = { ok: false, reason: 'not-yours' }

const build = 'a'.repeat(32)

const stack = new AsyncDisposableStack()
let db: TestDatabase
let url: string
let mine: Client
let other: Client
let room: string
let player: string
beforeAll(async () => {
  db = stack.use(await testDatabase())
  url = stack.use(await testBridge(db.bridgeUrl)).url
  mine = client(url, TOKENS.n1)
  other = client(url, TOKENS.n2)
})
afterAll(() => stack.disposeAsync())
beforeEach(async () => {
  ;({ room, player } = await seed(db.owner))
})

const manifest = manifestSchema.parse({ description: 'Two bats', players: { min: 2, max: 2 }, tickRate: 30 })
const oneRoom = () => db.owner.selectFrom('rooms').selectAll().where('id', '=', room).executeTakeFirstOrThrow()
const oneSeat = () =>
  db.owner.selectFrom('seats').select('state').where('player_id', '=', player).executeTakeFirstOrThrow()
const oneGame = () => db.owner.selectFrom('games').selectAll().where('id', '=', 'pong').executeTakeFirstOrThrow()

/** Every report of n1 about its own game, each with a check that it had its effect. */
const reports: [
  name: string,
  send: (to: typeof mine, stamp: Stamp) => Promise<Answer>,
  effect: () => Promise<unknown>,
][] = [
  [
    'builds.report',
    (to, stamp) => to.builds.report.mutate({ ...stamp, game: 'pong', build, manifest }),
    async () => (await oneGame()).build,
  ],
  [
    'rooms.report',
    (to, stamp) => to.rooms.report.mutate({ ...stamp, room, event: { type: 'opened' } }),
    async () => (await oneRoom()).state,
  ],
  [
    'rooms.seat',
    (to, stamp) => to.rooms.seat.mutate({ ...stamp, room, player, event: 'joined' }),
    async () => (await oneSeat()).state,
  ],
  [
    'store.set',
    (to, stamp) => to.store.set.mutate({ ...stamp, game: 'pong', name: 'best', value: 3 }),
    () => mine.store.load.query({ game: 'pong' }),
  ],
  [
    'logs.append',
    (to, stamp) => to.logs.append.mutate({ ...stamp, game: 'pong', lines: [{ room, text: 'hi', at: Date.now() }] }),
    () => db.owner.selectFrom('logs').select('text').execute(),
  ],
]

describe('every report', () => {
  it.each(reports)(
    '%s takes effect once, however often and however concurrently its key comes',
    async (_name, send, effect) => {
      const before = await effect()
      const one = stamp()
      const answers = await Promise.all(Array.from({ length: 8 }, () => send(mine, one)))
      expect(answers.filter((answer) => answer.ok && !answer.repeated)).toHaveLength(1)
      expect(answers.filter((answer) => answer.ok && answer.repeated)).toHaveLength(7)
      const after = await effect()
      expect(after).not.toEqual(before)
      expect(await send(mine, one)).toEqual(REPEATED)
      expect(await effect()).toEqual(after)
    },
  )

  it.each(reports)('%s of another node is refused and changes nothing', async (_name, send, effect) => {
    const before = await effect()
    expect(await send(other, stamp())).toEqual(NOT_YOURS)
    expect(await effect()).toEqual(before)
    expect(await send(mine, stamp())).toEqual(DONE)
  })

  it.each(reports)('%s needs a token that the bridge knows', async (_name, send, effect) => {
    const before = await effect()
    for (const stranger of [client(url), client(url, 'token-of-nobody-at-all'), client(url, '')])
      await expect(send(stranger, stamp())).rejects.toMatchObject({ data: { code: 'UNAUTHORIZED' } })
    expect(await effect()).toEqual(before)
  })
})

it('a build brings what game.json says; without a title there, the title of the site stays', async () => {
  await mine.builds.report.mutate({ ...stamp(), game: 'pong', build, manifest })
  expect(await oneGame()).toMatchObject({
    title: 'Pong',
    description: 'Two bats',
    min_players: 2,
    max_players: 2,
    tick_rate: 30,
    build,
  })
  await mine.builds.report.mutate({ ...stamp(), game: 'pong', build, manifest: { ...manifest, title: 'Ping\0' } })
  expect(await oneGame()).toMatchObject({ title: 'Ping\ufffd' })
})

describe('rooms and seats', () => {
  const end = (reason: 'finished' | 'stopped', result: number | null) =>
    mine.rooms.report.mutate({ ...stamp(), room, event: { type: 'ended', reason, result } })

  it('a room ends once, with its seats; neither a late report nor a late player brings it back', async () => {
    expect(await end('finished', 7)).toEqual(DONE)
    expect(await end('stopped', 8)).toEqual(DONE)
    expect(await mine.rooms.report.mutate({ ...stamp(), room, event: { type: 'opened' } })).toEqual(DONE)
    expect(await mine.rooms.seat.mutate({ ...stamp(), room, player, event: 'joined' })).toEqual(DONE)
    expect(await oneRoom()).toMatchObject({
      state: 'ended',
      end_reason: 'finished',
      result: 7,
      ended_at: expect.any(Date),
    })
    expect(await oneSeat()).toEqual({ state: 'left' })
  })

  it('when the website found the end first, the report still brings reason and result', async () => {
    await db.owner.updateTable('rooms').set({ state: 'ended', ended_at: new Date() }).execute()
    await end('finished', 1)
    expect(await oneRoom()).toMatchObject({ end_reason: 'finished', result: 1 })
  })

  it('a seat is taken, then left, and taken again by a player who came back; a repeated `joined` does not take it', async () => {
    const seat = (event: 'joined' | 'left', one = stamp()) => mine.rooms.seat.mutate({ ...one, room, player, event })
    const first = stamp()
    await seat('joined', first)
    expect(await oneSeat()).toEqual({ state: 'taken' })
    await seat('left')
    expect(await seat('joined', first)).toEqual(REPEATED)
    expect(await oneSeat()).toEqual({ state: 'left' })
    expect(await seat('joined')).toEqual(DONE)
    expect(await oneSeat()).toEqual({ state: 'taken' })
  })

  it('a player whom the website gave no seat in that room is refused', async () => {
    const seat = { ...stamp(), room, player: newPlayerId(), event: 'joined' } as const
    expect(await mine.rooms.seat.mutate(seat)).toEqual(NOT_YOURS)
    const elsewhere = newRoomId()
    await db.owner
      .insertInto('rooms')
      .values({ id: elsewhere, game_id: 'pong', node_id: 'n1', state: 'open', max_players: 2 })
      .execute()
    expect(await mine.rooms.seat.mutate({ ...stamp(), room: elsewhere, player, event: 'joined' })).toEqual(NOT_YOURS)
  })
})

describe('the store of a game', () => {
  const set = (name: string, value: unknown) =>
    mine.store.set.mutate({ ...stamp(), game: 'pong', name, value: value as string })

  it('gives back what was set, with its order of keys, its numbers and its odd characters', async () => {
    const value = { z: 1, a: [0.1, 1e300, -5], text: 'NUL \0, half \ud800, \u2028 and é' }
    expect(await set('odd', value)).toEqual(DONE)
    const entries = await mine.store.load.query({ game: 'pong' })
    expect(JSON.stringify(entries)).toBe(JSON.stringify([{ name: 'odd', value }]))
    expect(await set('odd', null)).toEqual(DONE)
    expect(await mine.store.load.query({ game: 'pong' })).toEqual([])
  })

  it('holds MAX_STORE_BYTES in all and refuses more, also when many write at once', async () => {
    const tenth = 'x'.repeat(Math.floor(MAX_STORE_BYTES / 10))
    const insist = async (name: string): Promise<Answer> => {
      const answer = await set(name, tenth)
      return !answer.ok && answer.reason === 'out-of-order' ? insist(name) : answer
    }
    const answers = await Promise.all(Array.from({ length: 15 }, (_, i) => insist(`k${i}`)))
    expect(answers.filter((answer) => answer.ok)).toHaveLength(9)
    expect(answers.filter((answer) => !answer.ok)).toEqual(Array(6).fill({ ok: false, reason: 'over-quota' }))
    const { name } = (await mine.store.load.query({ game: 'pong' }))[0]!
    expect(await set(name, 'short')).toEqual(DONE) // replacing frees what was there
  })

  it('counts bytes, not characters, and takes no name that Postgres cannot hold', async () => {
    const value = 'é'.repeat(MAX_STORE_BYTES / 2)
    await expect(set('é', value)).rejects.toMatchObject({ data: { code: 'BAD_REQUEST' } })
    expect(await set('é', value.slice(2))).toEqual(DONE)
    for (const name of ['a\0b', 'a\nb', 'a\ud800'])
      await expect(set(name, 1)).rejects.toMatchObject({ data: { code: 'BAD_REQUEST' } })
    expect(await set('é', 'a name need not be ASCII 🏆')).toEqual(DONE)
    expect(await set('🏆', 1)).toEqual(DONE)
  })

  it('is not read by another node', async () => {
    await set('secret', 1)
    await expect(other.store.load.query({ game: 'pong' })).rejects.toMatchObject({ data: { code: 'FORBIDDEN' } })
  })
})

it('the log of a game keeps its newest thousand lines', async () => {
  for (let batch = 0; batch < 6; batch++) {
    const lines = Array.from({ length: 200 }, (_, i) => ({ room: null, text: `line ${batch * 200 + i}\0`, at: 8e15 }))
    await mine.logs.append.mutate({ ...stamp(), game: 'pong', lines })
  }
  const rows = await db.owner.selectFrom('logs').select(['text', 'at']).orderBy('id').execute()
  expect(rows).toHaveLength(1000)
  expect(rows[0]!.text).toBe('line 200\ufffd')
  expect(rows[0]!.at.getTime()).toBeLessThan(Date.now() + 120_000)
})

describe('what is not a report', () => {
  const raw = (path: string, init: RequestInit = {}) =>
    fetch(`${url}/${path}`, {
      ...init,
      headers: { authorization: `Bearer ${TOKENS.n1}`, 'content-type': 'application/json' },
    })

  it.each([
    ['a malformed value', 'rooms.seat', '{"key":1}', 400],
    ['text that is not JSON', 'rooms.seat', '{', 400],
    [
      'an array in place of text',
      'store.set',
      JSON.stringify({ ...stamp(), game: ['pong'], name: 'x', value: 1 }),
      400,
    ],
    ['a batch', 'rooms.seat,rooms.seat?batch=1', '{}', 400],
    ['a procedure that does not exist', 'users.list', '{}', 404],
    ['a body that is too large', 'logs.append', JSON.stringify('x'.repeat(3 * 1024 * 1024)), 413],
  ])('%s is refused in words', async (_what, path, body, status) => {
    const response = await raw(path, { method: 'POST', body })
    expect(response.status).toBe(status)
    expect(await response.text()).not.toMatch(/node_modules|\.ts:|select|insert/)
  })
})

it('a bad setting is named at start, never shown', async () => {
  await expect(run('bridge/main.ts', { BRIDGE_LISTEN: 'secret value' }, /never/)).rejects.toThrow(
    /Config: BRIDGE_LISTEN, BRIDGE_DATABASE_URL, BRIDGE_NODES missing or malformed\n$/,
  )
})

it('while Postgres is away every call says so and can be tried again; the bridge starts without it and outlives it', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'sandlot-bridge-'))
  await using cleanup = new AsyncDisposableStack()
  cleanup.defer(() => rm(folder, { recursive: true, force: true }))
  const settings = { fsync: 'off' }
  let postgres = await startPostgres({ folder, settings })
  cleanup.defer(() => postgres.stop())
  const port = Number(new URL(postgres.url).port)
  const { bridgeUrl } = await prepareDatabase(postgres.url)
  const owner = openDatabase({ url: postgres.url, name: 'test' })
  const seeded = await seed(owner)
  await owner.destroy()
  await postgres.stop()

  const bridge = cleanup.use(await testBridge(bridgeUrl, { ready: /(not reachable)/ }))
  postgres = await startPostgres({ folder, port, settings })
  const address = await vi.waitFor(() => /listening on (\S+)/.exec(bridge.output())![1]!, { timeout: 10_000 })
  const node = client(address, TOKENS.n1)
  const seat = (event: 'joined' | 'left', one: Stamp) => node.rooms.seat.mutate({ ...seeded, ...one, event })
  expect(await seat('joined', stamp())).toEqual(DONE)

  await postgres.stop()
  const late = stamp()
  await expect(seat('left', late)).rejects.toMatchObject({
    message: 'The database is not reachable. Try again.',
    data: { code: 'SERVICE_UNAVAILABLE', httpStatus: 503 },
  })
  postgres = await startPostgres({ folder, port, settings })
  expect(await seat('left', late)).toEqual(DONE)
  expect(await seat('left', late)).toEqual(REPEATED)
  expect(bridge.output().match(/not reachable \(/g)).toHaveLength(1)
})
