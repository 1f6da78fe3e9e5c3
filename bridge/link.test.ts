// The sandbox VM is fully hostile: what a node may not do at the bridge, and beside each, what it may. L01 to L12.
import { writeFile } from 'node:fs/promises'
import {
  LOG_BYTES_PER_MINUTE,
  MAX_LOG_CHARS,
  MAX_RESULT_CHARS,
  MAX_STORE_NAMES,
  REPORTS_PER_MINUTE,
} from '@sandlot/shared/limits.ts'
import { manifestSchema } from '@sandlot/shared/manifest.ts'
import { newPlayerId, newRoomId } from '@sandlot/shared/random-ids.ts'
import { INTERNALS } from '@sandlot/shared/testing/fuzz.ts'
import { type TestDatabase, testDatabase } from '@sandlot/website/testing/postgres.ts'
import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { readNodes } from './config.ts'
import { Quotas } from './quotas.ts'
import { bridgeRouter } from './router.ts'
import { type Client, client, digest, seed, stamp, type TestBridge, TOKENS, testBridge } from './testing/bridge.ts'

const stack = new AsyncDisposableStack()
let db: TestDatabase
let bridge: TestBridge
let mine: Client
let other: Client
let room: string
let player: string
beforeAll(async () => {
  db = stack.use(await testDatabase())
  bridge = stack.use(await testBridge(db.bridgeUrl, { env: { BRIDGE_CALLS_PER_SECOND: '100000' } }))
  mine = client(bridge.url, TOKENS.n1)
  other = client(bridge.url, TOKENS.n2)
})
afterAll(() => stack.disposeAsync())
beforeEach(async () => {
  ;({ room, player } = await seed(db.owner))
})

const DONE = { ok: true, repeated: false }
const REPEATED = { ok: true, repeated: true }
const NOT_YOURS = { ok: false, reason: 'not-yours' }
const build = 'b'.repeat(32)
const manifest = manifestSchema.parse({})
const game = 'pong'

/** Every procedure of the door, and a good call of it. */
const CALLS: Record<string, { method: 'GET' | 'POST'; input: () => object; answer: unknown }> = {
  'builds.report': { method: 'POST', input: () => ({ ...stamp(), game, build, manifest }), answer: DONE },
  'rooms.report': { method: 'POST', input: () => ({ ...stamp(), room, event: { type: 'opened' } }), answer: DONE },
  'rooms.seat': { method: 'POST', input: () => ({ ...stamp(), room, player, event: 'joined' }), answer: DONE },
  'store.load': { method: 'GET', input: () => ({ game }), answer: [] },
  'store.set': { method: 'POST', input: () => ({ ...stamp(), game, name: 'best', value: 1 }), answer: DONE },
  'logs.append': {
    method: 'POST',
    input: () => ({ ...stamp(), game, lines: [{ room, text: 'hi', at: 1 }] }),
    answer: DONE,
  },
}

async function call(path: string, input: unknown, authorization?: string, url = bridge.url) {
  const { method } = CALLS[path]!
  const query = method === 'GET' ? `?input=${encodeURIComponent(JSON.stringify(input))}` : ''
  const headers = { 'content-type': 'application/json', ...(authorization && { authorization }) }
  const body = method === 'GET' ? null : JSON.stringify(input)
  const response = await fetch(`${url}/${path}${query}`, { method, headers, body })
  const text = await response.text()
  return { status: response.status, text, data: (text ? JSON.parse(text) : {}).result?.data as unknown }
}
const BEARER = { n1: `Bearer ${TOKENS.n1}`, n2: `Bearer ${TOKENS.n2}` }

let broken: Promise<TestBridge> | undefined
/** A bridge whose database has lost its tables. */
function brokenDoor(): Promise<TestBridge> {
  broken ??= (async () => {
    const ruins = stack.use(await testDatabase())
    await sql`drop table reports, store, logs, seats, rooms, games cascade`.execute(ruins.owner)
    return stack.use(await testBridge(ruins.bridgeUrl))
  })()
  return broken
}

it('the list of what a node may call is this one, and nothing is added to it in passing', () => {
  expect(Object.keys(bridgeRouter._def.procedures).sort()).toEqual(Object.keys(CALLS).sort())
})

describe.each(Object.entries(CALLS))('%s', (path, { input, answer }) => {
  it('is for a node with its token, about its own games; it says what its schema names and no more', async () => {
    for (const header of [
      undefined,
      '',
      'Bearer ',
      'Basic bjE6',
      `bearer ${TOKENS.n1}`,
      `Bearer ${TOKENS.n1}x`,
      `Bearer ${TOKENS.n1} `,
    ])
      if (header === undefined || header.trim() !== BEARER.n1) {
        const { status, text } = await call(path, input(), header)
        expect(status, header).toBe(401)
        expect(text).not.toMatch(INTERNALS)
      }
    const foreign = await call(path, input(), BEARER.n2)
    expect(foreign.status === 403 || foreign.text.includes('not-yours')).toBe(true)
    const own = await call(path, input(), BEARER.n1)
    expect(own.data).toEqual(answer)
  })

  it('tells nothing of our machine when the database breaks under it', async () => {
    const door = await brokenDoor()
    const { status, text } = await call(path, input(), BEARER.n1, door.url)
    expect(status).toBe(500)
    expect(text).toContain('The bridge failed to do this. Its log says why')
    expect(text).not.toMatch(INTERNALS)
    expect(text).not.toMatch(/"stack"|Error:/)
    expect(door.output()).toContain('does not exist') // the operator reads why
  })

  it('tells nothing of our machine when its input is wrong in any field', async () => {
    const good = input()
    for (const field of [...Object.keys(good), 'more']) {
      for (const bad of [
        null,
        [],
        ['x'],
        {},
        1e308,
        -1,
        '\0',
        '\ud800',
        "' or 1=1 --",
        '__proto__',
        'x'.repeat(70_000),
      ]) {
        const { status, text } = await call(path, { ...good, ...stamp(), [field]: bad }, BEARER.n1)
        if (status === 200) expect(['value', 'name', 'manifest']).toContain(field)
        else if (status !== 431) expect([400, 414], `${field} ${JSON.stringify(bad).slice(0, 40)}`).toContain(status)
        expect(text).not.toMatch(INTERNALS)
      }
    }
  })
})

describe('order and repetition (L02)', () => {
  const seat = (event: 'joined' | 'left', one = stamp()) => mine.rooms.seat.mutate({ ...one, room, player, event })
  const state = async () => (await db.owner.selectFrom('seats').select('state').executeTakeFirstOrThrow()).state

  it('a report that was held up behind a later one is refused and changes nothing; the next one counts', async () => {
    const late = stamp()
    const later = stamp()
    expect(await seat('left', later)).toEqual(DONE)
    expect(await seat('joined', late)).toEqual({ ok: false, reason: 'out-of-order', last: later.seq })
    expect(await seat('joined', { ...stamp(), seq: later.seq })).toMatchObject({ reason: 'out-of-order' })
    expect(await state()).toBe('left')
    expect(await seat('joined')).toEqual(DONE)
    expect(await state()).toBe('taken')
  })

  it('a key counts once, under any number; and the key of one node is nothing to another', async () => {
    const first = stamp()
    expect(await seat('joined', first)).toEqual(DONE)
    expect(await seat('left', { key: first.key, seq: stamp().seq })).toEqual(REPEATED)
    expect(await state()).toBe('taken')
    await db.owner.insertInto('games').values({ id: 'two', owner_id: 'u1', node_id: 'n2', title: 'Two' }).execute()
    expect(await other.store.set.mutate({ key: first.key, seq: 1, game: 'two', name: 'x', value: 1 })).toEqual(DONE)
  })

  it('what was refused has used up neither key nor number', async () => {
    const one = stamp()
    expect(await mine.rooms.seat.mutate({ ...one, room, player: newPlayerId(), event: 'joined' })).toEqual(NOT_YOURS)
    expect(await seat('joined', one)).toEqual(DONE)
  })

  it('of each node only the last few hundred keys are kept, however much it reports', async () => {
    await sql`insert into reports (node_id, key, seq) select 'n1', 'old' || n, n from generate_series(1, 5000) n`.execute(
      db.owner,
    )
    for (let i = 0; i < 50; i++) await seat(i % 2 ? 'joined' : 'left')
    const { count } = await db.owner
      .selectFrom('reports')
      .select((row) => row.fn.countAll<number>().as('count'))
      .where('node_id', '=', 'n1')
      .executeTakeFirstOrThrow()
    expect(count).toBeLessThan(600)
    expect(count).toBeGreaterThan(50)
  })
})

describe('what is not so (L01)', () => {
  it('a room, player or game that the website did not place there is refused, whatever is claimed about it, and written down', async () => {
    const strange = newRoomId()
    const ended = { type: 'ended', reason: 'finished', result: { winner: 'me', score: 1e308 } } as const
    expect(await mine.rooms.report.mutate({ ...stamp(), room: strange, event: ended })).toEqual(NOT_YOURS)
    expect(await mine.store.set.mutate({ ...stamp(), game: 'chess', name: 'x', value: 1 })).toEqual(NOT_YOURS)
    expect(await other.rooms.report.mutate({ ...stamp(), room, event: ended })).toEqual(NOT_YOURS)
    expect(await db.owner.selectFrom('rooms').select(['id', 'state', 'result']).execute()).toEqual([
      { id: room, state: 'starting', result: null },
    ])
    expect(bridge.output()).toMatch(/"node":"n2","path":"rooms.report","reason":"not-yours"/)
    expect(await mine.rooms.report.mutate({ ...stamp(), room, event: ended })).toEqual(DONE)
  })

  it('a game that moved to another node is no longer the first one’s to speak about', async () => {
    await db.owner.updateTable('games').set({ node_id: 'n2' }).execute()
    const set = (to: Client) => to.store.set.mutate({ ...stamp(), game, name: 'x', value: 1 })
    expect(await set(mine)).toEqual(NOT_YOURS)
    expect(await set(other)).toEqual(DONE)
  })

  it('a result, a store and a log line have their size, and JSON its depth and honest keys (L05)', async () => {
    const end = (result: unknown) => {
      const event = { type: 'ended', reason: 'finished', result } as const
      return call('rooms.report', { ...stamp(), room, event }, BEARER.n1)
    }
    const nested = (depth: number): unknown => (depth === 0 ? 1 : [nested(depth - 1)])
    const malformed = JSON.parse('{"a":{"__proto__":{"x":1}}}')
    for (const bad of ['x'.repeat(MAX_RESULT_CHARS), nested(65), nested(1_000), malformed])
      expect((await end(bad)).status).toBe(400)
    expect((await end({ deep: nested(60), text: 'NUL \0 half \ud800', big: 1e308 })).data).toEqual(DONE)
    const infinite = JSON.stringify({ ...stamp(), game, name: 'x', value: 7 }).replace(':7}', ':1e999}')
    const headers = { 'content-type': 'application/json', authorization: BEARER.n1 }
    expect((await fetch(`${bridge.url}/store.set`, { method: 'POST', headers, body: infinite })).status).toBe(400)
  })
})

describe('wear (L10)', () => {
  it('a game has so many names in its store, and no more however small they are', async () => {
    await sql`insert into store (game_id, name, value, bytes)
      select 'pong', 'n' || n, '1', 2 from generate_series(1, ${sql.lit(MAX_STORE_NAMES)}) n`.execute(db.owner)
    const set = (name: string) => mine.store.set.mutate({ ...stamp(), game, name, value: 2 })
    expect(await set('one more')).toEqual({ ok: false, reason: 'over-quota' })
    expect(await set('n7')).toEqual(DONE)
  })

  it('a game that reports without end is told to wait, and others go on', async () => {
    await db.owner
      .insertInto('games')
      .values(['busy', 'calm'].map((id) => ({ id, owner_id: 'u1', node_id: 'n1', title: id })))
      .execute()
    const lines = Array.from({ length: 200 }, () => ({ room: null, text: 'x'.repeat(MAX_LOG_CHARS), at: 1 }))
    const log = (about: string) => mine.logs.append.mutate({ ...stamp(), game: about, lines })
    let bytes = 0
    const flood = async (): Promise<unknown> => {
      for (; bytes < 10 * LOG_BYTES_PER_MINUTE; bytes += lines.length * MAX_LOG_CHARS) await log('busy')
      return 'no end'
    }
    await expect(flood()).rejects.toMatchObject({ data: { code: 'TOO_MANY_REQUESTS' } })
    expect(bytes).toBeGreaterThan(LOG_BYTES_PER_MINUTE / 2)
    expect(await log('calm')).toEqual(DONE)
  })

  it('a quota comes back with time', () => {
    let now = 0
    const quotas = new Quotas(() => now)
    let taken = 0
    while (quotas.take('pong')) taken++
    expect(taken).toBe(REPORTS_PER_MINUTE)
    now = 30_000
    while (quotas.take('pong')) taken++
    expect(taken).toBe(1.5 * REPORTS_PER_MINUTE)
    expect(quotas.take('pong', 1)).toBe(false)
    expect(quotas.take('chess', 64 * 1024 * 1024)).toBe(true) // one batch over the limit is paid off, not stuck for ever
    expect(quotas.take('chess', 1)).toBe(false)
  })

  it('a row that somebody else holds costs one call its four seconds, not the bridge', async () => {
    await db.owner.transaction().execute(async (holder) => {
      await holder.selectFrom('games').select('id').where('id', '=', game).forUpdate().execute()
      const stuck = mine.store.set.mutate({ ...stamp(), game, name: 'x', value: 1 })
      const refused = expect(stuck).rejects.toMatchObject({
        message: 'The database is busy. Try again.',
        data: { code: 'TIMEOUT', httpStatus: 408 },
      })
      await db.owner.insertInto('games').values({ id: 'two', owner_id: 'u1', node_id: 'n2', title: 'Two' }).execute()
      expect(await other.store.set.mutate({ ...stamp(), game: 'two', name: 'x', value: 1 })).toEqual(DONE)
      await refused
    })
    expect(await mine.store.set.mutate({ ...stamp(), game, name: 'x', value: 1 })).toEqual(DONE)
  })
})

describe('the token of a node (L11)', () => {
  it('is replaced without a gap: the new one beside the old, then the new one alone', async () => {
    await using door = await testBridge(db.bridgeUrl, { nodes: { [digest(TOKENS.n1)]: 'n1' } })
    const works = (token: string) =>
      client(door.url, token)
        .store.load.query({ game })
        .then(
          () => true,
          (error) => error.data?.code,
        )
    const use = async (nodes: object | string, said: RegExp) => {
      const before = door.output().length
      await writeFile(door.nodesFile, typeof nodes === 'string' ? nodes : JSON.stringify(nodes))
      door.child.kill('SIGHUP')
      await vi.waitFor(() => expect(door.output().slice(before)).toMatch(said), { timeout: 10_000 })
    }
    const fresh = 'a-new-token-of-the-first-node'
    expect([await works(TOKENS.n1), await works(fresh)]).toEqual([true, 'UNAUTHORIZED'])
    await use({ [digest(TOKENS.n1)]: 'n1', [digest(fresh)]: 'n1' }, /BRIDGE_NODES read again/)
    expect([await works(TOKENS.n1), await works(fresh)]).toEqual([true, true])
    await use('{', /tokens of before stay in force/)
    expect([await works(TOKENS.n1), await works(fresh)]).toEqual([true, true])
    await use({ [digest(fresh)]: 'n1' }, /BRIDGE_NODES read again/)
    expect([await works(TOKENS.n1), await works(fresh)]).toEqual(['UNAUTHORIZED', true])
  })

  it('may be bound to an address; shown from another it is worth nothing', async () => {
    const nodes = {
      [digest(TOKENS.n1)]: { node: 'n1', from: ['127.0.0.0/8', '::1'] },
      [digest('a-token-used-elsewhere')]: { node: 'n1', from: ['10.1.0.2', 'fd00::/64'] },
    }
    await using door = await testBridge(db.bridgeUrl, { nodes })
    expect(await client(door.url, TOKENS.n1).store.load.query({ game })).toEqual([])
    const stolen = client(door.url, 'a-token-used-elsewhere').store.load.query({ game })
    await expect(stolen).rejects.toMatchObject({ data: { code: 'UNAUTHORIZED' } })
    await writeFile(door.nodesFile, JSON.stringify({ [digest(TOKENS.n1)]: { node: 'n1', from: ['1.2.3'] } }))
    expect(() => readNodes(door.nodesFile)).toThrow()
  })
})

it('a line of a log stays one line: no text that a node sends ends it, colours it or is looked up (L09)', async () => {
  const evil = '\r\n{"level":60,"msg":"forged"}\u001b[31m\u2028$' + '{jndi:ldap://127.0.0.1/a}'
  const before = bridge.output().length
  const headers = { 'content-type': 'application/json', authorization: BEARER.n1 }
  await fetch(`${bridge.url}/${encodeURIComponent(evil)}`, { method: 'POST', headers, body: '{}' })
  const event = { type: 'ended', reason: 'finished', result: evil } as const
  expect(await mine.rooms.report.mutate({ ...stamp(), room: newRoomId(), event })).toEqual(NOT_YOURS)
  await mine.logs.append.mutate({ ...stamp(), game, lines: [{ room, text: evil, at: 1 }] })
  const said = bridge.output().slice(before)
  for (const line of said.split('\n').filter((text) => text !== '')) expect(() => JSON.parse(line), line).not.toThrow()
  expect(said).not.toMatch(/"msg":"forged"/)
  expect(said).not.toContain('\u001b')
  const kept = await db.owner.selectFrom('logs').select('text').executeTakeFirstOrThrow()
  expect(kept.text).toBe(evil) // what a game says is kept as it is; who shows it escapes it
})

it('an answer holds opaque ids and nothing of people: a seat report does not say whose seat it is (L12)', async () => {
  const answers = await Promise.all([
    mine.rooms.seat.mutate({ ...stamp(), room, player, event: 'joined' }),
    mine.store.load.query({ game }),
  ])
  expect(JSON.stringify(answers)).not.toMatch(/Ada|u1|example\.test/)
  for (const path of ['users.list', 'session.me', 'games.list', 'studio.read', 'reports', 'nodes.list'])
    expect((await fetch(`${bridge.url}/${path}`, { headers: { authorization: BEARER.n1 } })).status, path).toBe(404)
})
