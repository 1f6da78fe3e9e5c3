// A sandbox node that has been taken over: whatever it answers, the site says so in words and keeps its own house in order.
import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type TestDatabase, testDatabase } from '../../testing/postgres.ts'
import { siteFolder, type TestSite, testSite, type Visitor } from '../../testing/site.ts'
import { PERSON } from '../shares.ts'

type Reply = (response: ServerResponse, path: string) => void
const data =
  (value: unknown): Reply =>
  (response) =>
    response.setHeader('content-type', 'application/json').end(JSON.stringify({ result: { data: value } }))
const text =
  (body: string, status = 200): Reply =>
  (response) =>
    response.writeHead(status, { 'content-type': 'application/json' }).end(body)

const stack = new AsyncDisposableStack()
let db: TestDatabase
let site: TestSite
let owner: Visitor
let reply: Reply
let asked: string[]
beforeAll(async () => {
  db = stack.use(await testDatabase())
  const node = createServer((request, response) => {
    const path = request.url!.slice(1).split('?')[0]!
    asked.push(path)
    request.resume()
    reply(response, path)
  }).listen(0, '127.0.0.1')
  await once(node, 'listening')
  stack.defer(() => {
    node.closeAllConnections()
    return new Promise<void>((done) => node.close(() => done()))
  })
  const { folder } = stack.use(await siteFolder())
  const controlUrl = `http://127.0.0.1:${(node.address() as AddressInfo).port}`
  const nodes = [{ id: 'n1', controlUrl, token: 'token-of-the-node', playOrigin: 'http://localhost:9' }]
  site = stack.use(await testSite({ databaseUrl: db.websiteUrl, folder, nodes }))
  owner = await site.visitor().signUp('Owner')
})
afterAll(() => stack.disposeAsync())
beforeEach(async () => {
  asked = []
  await db.owner.deleteFrom('games').execute()
  const { id } = (await owner.api.session.me.query())!
  await db.owner.insertInto('games').values({ id: 'pong', owner_id: id, node_id: 'n1', title: 'Pong' }).execute()
})

const rooms = () => db.owner.selectFrom('rooms').select(['id', 'state']).execute()
const seats = () => db.owner.selectFrom('seats').select(['room_id', 'state']).execute()
const play = () => owner.api.rooms.quickPlay.mutate({ game: 'pong' })

const nonsense: [what: string, reply: Reply][] = [
  ['text that is not JSON', text('<html>')],
  ['an answer that breaks the contract', data({ ok: 'yes', reason: '__proto__' })],
  ['a reason that does not exist', data({ ok: false, reason: 'pay-first', problem: null })],
  [
    'an endless answer',
    (response) => {
      response.setHeader('content-type', 'application/json').write('"')
      const more = () => {
        while (!response.destroyed && response.write('x'.repeat(1024 * 1024)));
      }
      response.on('drain', more)
      more()
    },
  ],
  [
    'a redirect to somewhere else',
    (response) => response.writeHead(307, { location: `${site.origin}/api/health` }).end(),
  ],
  [
    'an error',
    text(
      JSON.stringify({
        error: { message: '<script>alert(1)</script>', code: -32603, data: { code: 'INTERNAL_SERVER_ERROR' } },
      }),
      500,
    ),
  ],
  ['a cut connection', (response) => response.destroy()],
]

describe.each(nonsense)('%s', (_what, bad) => {
  beforeEach(() => {
    reply = bad
  })

  it('gives the player a sentence, and no room or seat stays behind', async () => {
    expect(await play()).toEqual({
      ok: false,
      reason: 'unavailable',
      game: 'pong',
      text: 'The game server does not answer. Try again in a moment.',
    })
    expect([await rooms(), await seats()]).toEqual([[], []])
  })

  it('gives the creator a sentence, and no half-made game stays behind', async () => {
    const away = {
      message: 'The game server does not answer. Try again in a moment.',
      data: { code: 'SERVICE_UNAVAILABLE' },
    }
    await expect(owner.api.games.create.mutate({ title: 'New', template: 'hello' })).rejects.toMatchObject(away)
    expect(await db.owner.selectFrom('games').select('id').execute()).toEqual([{ id: 'pong' }])
    await expect(owner.api.studio.files.query({ game: 'pong' })).rejects.toMatchObject(away)
    await expect(owner.api.games.remove.mutate({ game: 'pong' })).rejects.toMatchObject(away)
    await expect(owner.api.studio.start.mutate({ game: 'pong' })).rejects.toMatchObject(away)
    await expect(owner.api.studio.stop.mutate({ game: 'pong' })).rejects.toMatchObject(away)
    expect((await owner.api.games.mine.query()).games).toMatchObject([{ id: 'pong', status: null }])
  })
})

describe('rooms', () => {
  it('one that has ended meanwhile is marked, and the player gets another', async () => {
    reply = data({ ok: true })
    const first = await play()
    let calls = 0
    reply = (response, path) =>
      data(calls++ === 0 ? { ok: false, reason: 'ended', problem: null } : { ok: true })(response, path)
    const second = await play()
    expect(first.ok && second.ok && first.room !== second.room).toBe(true)
    expect((await rooms()).map(({ state }) => state).sort()).toEqual(['ended', 'open'])
  })

  it('a node that says of every room that it has ended is asked three times, not for ever', async () => {
    reply = data({ ok: false, reason: 'ended', problem: null })
    expect(await play()).toMatchObject({ ok: false, reason: 'unavailable' })
    expect(asked).toEqual(Array(3).fill('rooms.ensure'))
    expect((await seats()).every(({ state }) => state === 'left')).toBe(true)
  })

  it.each(['no-build', 'too-many-rooms', 'crashed', 'stopped', 'node-full', 'creator-full'] as const)(
    '%s is said in words, without the code of the creator',
    async (reason) => {
      reply = data({ ok: false, reason, problem: { message: 'secret source', file: 'server.js', line: 1 } })
      const answer = await play()
      expect(answer).toEqual({ ok: false, reason, game: 'pong', text: expect.not.stringContaining('secret') })
      expect([await rooms(), await seats()]).toEqual([[], []])
    },
  )
})

it.each(['no-such-game', 'no-build', 'unavailable', 'node-full', 'creator-full'] as const)(
  'a start or a stop that comes to %s is said in words',
  async (reason) => {
    reply = data({ ok: false, reason })
    for (const deed of ['start', 'stop'] as const)
      expect(await owner.api.studio[deed].mutate({ game: 'pong' })).toEqual({
        ok: false,
        reason,
        text: expect.stringMatching(/^[A-Z].+\.$/),
      })
    reply = data({ ok: true })
    expect(await owner.api.studio.stop.mutate({ game: 'pong' })).toEqual({ ok: true })
    expect(await owner.api.studio.start.mutate({ game: 'pong' })).toEqual({ ok: true })
    expect(asked).toEqual(['games.start', 'games.stop', 'games.stop', 'games.start'])
  },
)

it('the log of a game is read without its node, the newest five hundred lines of this game, oldest first', async () => {
  const { id } = (await owner.api.session.me.query())!
  await db.owner.insertInto('games').values({ id: 'chess', owner_id: id, node_id: 'n1', title: 'Chess' }).execute()
  const line = (game_id: string, n: number) => ({ game_id, room_id: null, text: `line ${n}`, at: new Date(1_000 + n) })
  await db.owner
    .insertInto('logs')
    .values([line('chess', 0), ...Array.from({ length: 501 }, (_, n) => line('pong', n)), line('chess', 999)])
    .execute()
  reply = (response) => response.destroy()
  const { lines } = await owner.api.studio.log.query({ game: 'pong' })
  expect(lines.map(({ at }) => at)).toEqual(Array.from({ length: 500 }, (_, n) => 1_001 + n))
  expect(lines.at(-1)).toEqual({ at: 1_500, room: null, text: 'line 500' })
  expect(asked).toEqual([])
})

it('a guest who asks without pause gets a share of the node and then a sentence with a time; another player does not notice', async () => {
  reply = data({ ok: true })
  const guest = await site.visitor().beGuest()
  const seat = await guest.api.rooms.quickPlay.mutate({ game: 'pong' })
  if (!seat.ok) throw new Error(seat.text)
  const { room, player } = seat
  const path = Array(10).fill('rooms.rejoin').join()
  const body = JSON.stringify(Object.fromEntries(Array.from({ length: 10 }, (_, i) => [i, { room, player }])))
  const startMs = performance.now()
  const answers: {
    result?: { data: { ok: boolean } }
    error?: { message: string; data: { code: string; retryAfterS: number } }
  }[] = []
  let retryAfter: string | null = null
  for (let i = 0; i < 25; i++) {
    const headers = { 'content-type': 'application/json' }
    const response = await guest.fetch(`/api/trpc/${path}?batch=1`, { method: 'POST', headers, body })
    retryAfter = response.headers.get('retry-after') ?? retryAfter
    answers.push(...((await response.json()) as typeof answers))
  }
  const { burst, perSecond } = PERSON.nodeCalls
  const atNode = asked.filter((call) => call === 'rooms.ensure').length
  const share = Math.ceil(burst + (perSecond * (performance.now() - startMs)) / 1000)
  expect(atNode).toBeGreaterThan(burst / 2)
  expect(atNode).toBeLessThanOrEqual(share)
  const refused = answers.flatMap(({ error }) => error ?? [])
  expect(refused.length).toBeGreaterThanOrEqual(250 - share)
  expect(refused[0]).toMatchObject({
    message: expect.stringMatching(/^Your account asks for more at once than it may\. Try again in a second\.$/),
    data: { code: 'TOO_MANY_REQUESTS', retryAfterS: 1 },
  })
  expect(retryAfter).toBe('1')
  expect(await play()).toMatchObject({ ok: true })
})

it('a game that the node has already lost can still be removed', async () => {
  reply = data({ ok: false, reason: 'no-such-game' })
  expect(await owner.api.games.remove.mutate({ game: 'pong' })).toEqual({ game: 'pong' })
  expect(await db.owner.selectFrom('games').select('id').execute()).toEqual([])
})

describe('a node that is slow (L13)', () => {
  it('keeps its own callers waiting and nobody else, and serves them when it comes to itself', async () => {
    await db.owner
      .updateTable('games')
      .set({ build: 'a'.repeat(32) })
      .execute()
    const held: ServerResponse[] = []
    reply = (response) => void held.push(response)
    const players = await Promise.all(Array.from({ length: 12 }, () => site.visitor().beGuest()))
    const waiting = Promise.all(players.map((player) => player.api.rooms.quickPlay.mutate({ game: 'pong' })))
    waiting.catch(() => {}) // looked at below
    while (held.length < players.length) await new Promise((resolve) => setTimeout(resolve, 10))
    const visitor = site.visitor()
    for (let i = 0; i < 3; i++) {
      expect((await visitor.fetch('/', { headers: { accept: 'text/html' } })).status).toBe(200)
      expect((await visitor.api.games.list.query({})).games).toMatchObject([{ id: 'pong' }])
      expect(await visitor.api.games.get.query({ game: 'pong' })).toMatchObject({ id: 'pong' })
    }
    expect(held.length).toBe(players.length) // all of that was served while not one of them had an answer
    for (const response of held) data({ ok: true })(response, '')
    for (const answer of await waiting) expect(answer).toMatchObject({ ok: true })
  })

  it('that drips its answer costs the list of games two seconds, and the list says that it does not know', async () => {
    const timers: NodeJS.Timeout[] = []
    reply = (response) => {
      response.setHeader('content-type', 'application/json')
      timers.push(setInterval(() => response.write(' '), 50))
    }
    try {
      expect((await owner.api.games.mine.query()).games).toMatchObject([{ id: 'pong', status: null }])
    } finally {
      for (const timer of timers) clearInterval(timer)
    }
  })

  it('that comes and goes is believed whenever it answers', async () => {
    let calls = 0
    reply = (response, path) => (calls++ % 2 === 0 ? response.destroy() : data({ ok: true })(response, path))
    const seen: boolean[] = []
    for (let i = 0; i < 4; i++) seen.push((await play()).ok)
    expect(seen).toEqual([false, true, false, true])
  })
})

describe('a node that lies (L13)', () => {
  const status = {
    game: 'pong',
    state: 'running',
    why: null,
    held: null,
    rooms: 1,
    players: 2,
    build: null,
    problem: null,
    usage: null,
    turnedAway: null,
  }
  const mine = async () => (await owner.api.games.mine.query()).games

  it.each([
    ['fewer than no rooms', [{ ...status, rooms: -1 }]],
    ['half a player', [{ ...status, players: 1.5 }]],
    ['a state that does not exist', [{ ...status, state: 'on fire' }]],
    ['held by nobody knows whom', [{ ...status, held: 'the stars' }]],
    ['a novel', [{ ...status, why: 'x'.repeat(100_000) }]],
    ['more games than a node has', Array(10_001).fill(status)],
    ['a game that is not there', [{ ...status, game: 'chess' }]],
  ])('about its games, with %s, is not believed', async (_what, list) => {
    reply = data(list)
    expect(await mine()).toMatchObject([{ id: 'pong', status: null }])
    const down = { ...status, state: 'stopped', held: 'crashes', why: 'It was killed.' }
    reply = data([down])
    expect(await mine()).toMatchObject([{ id: 'pong', status: { state: 'stopped', held: 'crashes', why: down.why } }])
  })

  it('and answers about another game or another file is not believed', async () => {
    const file = { path: 'a.js', content: 'x', encoding: 'utf8', hash: 'a'.repeat(64) }
    const read = () => owner.api.studio.read.query({ game: 'pong', path: 'server.js' })
    reply = data({ ok: true, file })
    await expect(read()).rejects.toMatchObject({ data: { code: 'SERVICE_UNAVAILABLE' } })
    reply = data({ ok: true, file: { ...file, path: 'server.js' } })
    expect(await read()).toMatchObject({ ok: true })
    const about = (game: string) =>
      ((response, path) =>
        data(
          path === 'sftp.info'
            ? { command: null, why: null, folder: null }
            : { ok: true, status: { ...status, game, log: [] } },
        )(response, path)) satisfies Reply
    reply = about('chess')
    await expect(owner.api.studio.status.query({ game: 'pong' })).rejects.toMatchObject({ data: { httpStatus: 503 } })
    reply = about('pong')
    expect(await owner.api.studio.status.query({ game: 'pong' })).toMatchObject({ game: 'pong' })
  })
})
