// A sandbox node that has been taken over: whatever it answers, the site says so in words and keeps its own house in order.
import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type TestDatabase, testDatabase } from '../../testing/postgres.ts'
import { siteFolder, type TestSite, testSite, type Visitor } from '../../testing/site.ts'

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
  ['a redirect to somewhere else', (response) => response.writeHead(307, { location: `${site.origin}/health` }).end()],
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

  it.each(['no-build', 'too-many-rooms'] as const)(
    '%s is said in words, without the code of the creator',
    async (reason) => {
      reply = data({ ok: false, reason, problem: { message: 'secret source', file: 'server.js', line: 1 } })
      const answer = await play()
      expect(answer).toEqual({ ok: false, reason, game: 'pong', text: expect.not.stringContaining('secret') })
      expect([await rooms(), await seats()]).toEqual([[], []])
    },
  )
})

it('a game that the node has already lost can still be removed', async () => {
  reply = data({ ok: false, reason: 'no-such-game' })
  expect(await owner.api.games.remove.mutate({ game: 'pong' })).toEqual({ game: 'pong' })
  expect(await db.owner.selectFrom('games').select('id').execute()).toEqual([])
})
