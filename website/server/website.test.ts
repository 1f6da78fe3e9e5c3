// The website with a real sandbox behind it, over HTTP, as pages use it.

import { PROTOCOL_VERSION } from '@sandlot/shared/protocol/codec.ts'
import { newPlayerId, newRoomId } from '@sandlot/shared/random-ids.ts'
import { readVerifyKey, verifyTicket } from '@sandlot/shared/ticket.ts'
import { TRPCClientError } from '@trpc/client'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { Visitor } from '../testing/site.ts'
import { testWorld, type World } from '../testing/world.ts'
import { appRouter } from './router.ts'

let world: World
let owner: Visitor
let stranger: Visitor
let guest: Visitor
let nobody: Visitor
beforeAll(async () => {
  world = await testWorld()
  const { site } = world
  owner = await site.visitor().signUp('Owner')
  stranger = await site.visitor().signUp('Stranger')
  guest = await site.visitor().beGuest()
  nobody = site.visitor()
})
afterAll(() => world[Symbol.asyncDispose]())

/** A game of the owner that has a build. */
async function newGame(title: string, template: 'pong' | 'hello' = 'pong'): Promise<string> {
  const { game } = await owner.api.games.create.mutate({ title, template })
  await vi.waitFor(async () => expect((await owner.api.games.get.query({ game })).playable).toBe(true), {
    timeout: 15_000,
    interval: 50,
  })
  return game
}
const played = <T extends { ok: boolean }>(answer: T) => {
  if (!answer.ok) throw new Error(JSON.stringify(answer))
  return answer as Extract<T, { ok: true }>
}
/** Takes the seat, as the player's browser does. */
function enter({ url, ticket }: { url: string; ticket: string }): WebSocket {
  const socket = new WebSocket(`${url.replace('http', 'ws').replace('localhost', '127.0.0.1')}ws`)
  const hello = { t: 'hello', v: PROTOCOL_VERSION, ticket }
  socket.addEventListener('open', () => socket.send(JSON.stringify(hello)))
  return socket
}

describe('a game', () => {
  it('is made from a template, listed with its first build, found by its title, and gone when removed', async () => {
    const game = await newGame('Café Duel 100%')
    expect(game).toBe('cafe-duel-100')
    const { games } = await nobody.api.games.list.query({ search: '100%' })
    expect(games).toEqual([
      {
        id: game,
        title: 'Café Duel 100%',
        description: expect.any(String),
        creator: 'Owner',
        minPlayers: expect.any(Number),
        maxPlayers: 2,
        playing: 0,
        playable: true,
        updatedAt: expect.any(String),
      },
    ])
    expect((await nobody.api.games.list.query({ search: '1%0' })).games).toEqual([])
    expect(await nobody.api.games.get.query({ game })).toMatchObject({
      isOwner: false,
      playUrl: `${world.playOrigin}/${game}/`,
      rooms: 0,
    })
    const mine = (await owner.api.games.mine.query()).games.find((one) => one.id === game)
    expect(mine).toMatchObject({ status: { problem: null } })
    await owner.api.games.remove.mutate({ game })
    await expect(nobody.api.games.get.query({ game })).rejects.toMatchObject({ data: { code: 'NOT_FOUND' } })
  })

  it('of a title that is taken gets the next free name', async () => {
    const names = await Promise.all(
      [1, 2, 3].map(() => owner.api.games.create.mutate({ title: 'Twin', template: 'hello' })),
    )
    expect(names.map(({ game }) => game).sort()).toEqual(['twin', 'twin-2', 'twin-3'])
    expect((await owner.api.games.create.mutate({ title: '宇宙', template: 'hello' })).game).toBe('game')
  })

  it('shows its creator file and line of a mistake, keeps the last good build, and never loses an edit', async () => {
    const game = await newGame('Editing', 'hello')
    const { files } = await owner.api.studio.files.query({ game })
    expect(files.map(({ path }) => path)).toEqual(expect.arrayContaining(['client.js', 'server.js']))
    const { file } = played(await owner.api.studio.read.query({ game, path: 'server.js' }))
    const broken = { game, path: 'server.js', content: `${file.content}\nexport const x = (`, replaces: file.hash }
    const { hash } = played(await owner.api.studio.write.mutate(broken))
    await vi.waitFor(
      async () =>
        expect((await owner.api.studio.status.query({ game })).problem).toMatchObject({
          file: 'server.js',
          line: expect.any(Number),
        }),
      { timeout: 15_000, interval: 50 },
    )
    expect(await owner.api.studio.write.mutate(broken)).toMatchObject({
      ok: false,
      reason: 'changed-meanwhile',
      current: hash,
    })
    expect(
      await owner.api.studio.write.mutate({ game, path: `${'a/'.repeat(8)}x.js`, content: '', replaces: null }),
    ).toMatchObject({ ok: false, reason: 'too-deep', text: expect.stringContaining('at most 7 folders') })
    expect((await guest.api.rooms.quickPlay.mutate({ game })).ok).toBe(true)
    played(await owner.api.studio.write.mutate({ ...broken, content: file.content, replaces: hash }))
    await vi.waitFor(async () => expect((await owner.api.studio.status.query({ game })).problem).toBe(null), {
      timeout: 15_000,
      interval: 50,
    })
    const extra = { game, path: 'notes.txt', content: 'hi', replaces: null }
    const made = played(await owner.api.studio.write.mutate(extra))
    expect(await owner.api.studio.removeFile.mutate({ game, path: 'notes.txt', replaces: made.hash })).toEqual({
      ok: true,
    })
    expect(await owner.api.studio.read.query({ game, path: 'notes.txt' })).toMatchObject({
      ok: false,
      reason: 'no-such-file',
    })
  })

  it('that its creator stops ends its rooms and gives no seat, says why to both, and takes players again when started', async () => {
    const game = await newGame('Stopping', 'hello')
    const { room } = played(await guest.api.rooms.quickPlay.mutate({ game }))
    expect(await owner.api.studio.stop.mutate({ game })).toEqual({ ok: true })
    const refused = await guest.api.rooms.quickPlay.mutate({ game })
    expect(refused).toMatchObject({ ok: false, reason: 'stopped', text: expect.stringContaining('stopped it') })
    const mine = async () => (await owner.api.games.mine.query()).games.find((one) => one.id === game)!.status
    expect(await mine()).toMatchObject({ state: 'stopped', held: 'creator', why: null })
    expect(await owner.api.studio.status.query({ game })).toMatchObject({ held: 'creator' })
    await vi.waitFor(
      async () => expect(await guest.api.rooms.join.mutate({ room })).toMatchObject({ reason: 'room-ended' }),
      { timeout: 15_000, interval: 50 },
    )
    expect(await owner.api.studio.start.mutate({ game })).toEqual({ ok: true })
    played(await guest.api.rooms.quickPlay.mutate({ game }))
    expect(await mine()).toMatchObject({ state: 'running', held: null })
  })

  it('has a log that the website keeps too: the same lines, of the same time', async () => {
    const game = await newGame('Talking', 'hello')
    const { file } = played(await owner.api.studio.read.query({ game, path: 'server.js' }))
    const content =
      "export const setup = () => ({})\nexport const join = (_state, _player, room) => room.log('hello', room.players.length)\n"
    const { build } = await owner.api.studio.status.query({ game })
    played(await owner.api.studio.write.mutate({ game, path: 'server.js', content, replaces: file.hash }))
    const WAIT = { timeout: 15_000, interval: 50 }
    await vi.waitFor(async () => expect((await owner.api.studio.status.query({ game })).build).not.toBe(build), WAIT)
    const seat = played(await guest.api.rooms.quickPlay.mutate({ game }))
    const socket = enter(seat)
    const stored = async () => (await owner.api.studio.log.query({ game })).lines
    await vi.waitFor(async () => expect(await stored()).toMatchObject([{ room: seat.room, text: 'hello 1' }]), WAIT)
    expect(await stored()).toEqual((await owner.api.studio.status.query({ game })).log)
    socket.close()
  })

  it('keeps the keys of its creator', async () => {
    const key = `ssh-ed25519 ${'A'.repeat(68)} owner@laptop`
    expect(await owner.api.studio.setKeys.mutate({ keys: [key, key] })).toEqual({
      keys: [key],
      applied: true,
      isFull: false,
      hasGames: true,
    })
    expect(await owner.api.studio.keys.query()).toEqual({ keys: [key] })
    expect(await stranger.api.studio.keys.query()).toEqual({ keys: [] })
    expect(await stranger.api.studio.setKeys.mutate({ keys: [key] })).toMatchObject({ hasGames: false })
  })
})

describe('playing', () => {
  it('two players meet in one room, a third gets a new one, each with a ticket for exactly that seat', async () => {
    const game = await newGame('Meeting')
    const others = await Promise.all([1, 2].map(() => world.site.visitor().beGuest()))
    const seats = []
    for (const player of [guest, ...others]) seats.push(played(await player.api.rooms.quickPlay.mutate({ game })))
    expect(seats[1]!.room).toBe(seats[0]!.room)
    expect(seats[2]!.room).not.toBe(seats[0]!.room)
    const key = await readVerifyKey(world.ticketPublicKey)
    for (const { room, player, url, ticket } of seats) {
      expect(url).toBe(`${world.playOrigin}/${game}/`)
      expect(await verifyTicket(key, ticket, game)).toMatchObject({
        game,
        room,
        player,
        name: expect.stringMatching(/^Guest/),
      })
      expect((await fetch(url.replace('localhost', '127.0.0.1'))).status).toBe(200)
    }
    expect(await stranger.api.rooms.join.mutate({ room: seats[0]!.room })).toMatchObject({
      ok: false,
      reason: 'room-full',
      game,
    })
    expect(await stranger.api.rooms.join.mutate({ room: seats[2]!.room })).toMatchObject({
      ok: true,
      room: seats[2]!.room,
    })
    const { room, player } = seats[0]!
    expect(await guest.api.rooms.rejoin.mutate({ room, player })).toMatchObject({ ok: true, room, player })
    expect(await stranger.api.rooms.rejoin.mutate({ room, player })).toMatchObject({
      ok: false,
      reason: 'no-such-seat',
    })
  })

  it('a seat is taken while its player is in the room, as the node reports, and counts as playing', async () => {
    const game = await newGame('Seated')
    const seat = played(await guest.api.rooms.quickPlay.mutate({ game }))
    const { room, player } = seat
    const socket = enter(seat)
    const counts = async () => {
      const { playing, rooms } = await nobody.api.games.get.query({ game })
      return { playing, rooms }
    }
    await vi.waitFor(async () => expect(await counts()).toEqual({ playing: 1, rooms: 1 }), {
      timeout: 10_000,
      interval: 50,
    })
    expect((await nobody.api.games.list.query({})).games[0]!.id).toBe(game)
    expect(await guest.api.rooms.rejoin.mutate({ room, player })).toMatchObject({ ok: true, player })
    socket.close()
    await owner.api.games.remove.mutate({ game })
  })

  it('two website processes fill the same rooms', async () => {
    const game = await newGame('Crowd')
    await using second = await world.anotherSite()
    const players = await Promise.all(
      Array.from({ length: 24 }, (_, i) => (i % 2 ? world.site : second).visitor().beGuest()),
    )
    const answers = await Promise.all(players.map((player) => player.api.rooms.quickPlay.mutate({ game })))
    const rooms = Map.groupBy(answers.map(played), ({ room }) => room)
    expect([...rooms.values()].map((seats) => seats.length)).toEqual(Array(12).fill(2))
    expect(new Set(answers.map((answer) => played(answer).player)).size).toBe(24)
  })

  it('a private room is entered by its link alone, and when it is over those who were in it meet again', async () => {
    const game = await newGame('Secret')
    const first = played(await guest.api.rooms.openPrivate.mutate({ game }))
    expect(first.private).toBe(true)
    const other = played(await stranger.api.rooms.quickPlay.mutate({ game }))
    expect(other).toMatchObject({ private: false })
    expect(other.room).not.toBe(first.room)
    expect(await owner.api.rooms.join.mutate({ room: first.room })).toMatchObject({ ok: true, room: first.room })
    await world.db.owner.updateTable('rooms').set({ state: 'ended' }).where('id', '=', first.room).execute()
    const next = played(await guest.api.rooms.again.mutate({ game, room: first.room }))
    expect(next).toMatchObject({ private: true })
    expect(next.room).not.toBe(first.room)
    expect(await owner.api.rooms.again.mutate({ game, room: first.room })).toMatchObject({ ok: true, room: next.room })
    expect(await guest.api.rooms.again.mutate({ game, room: other.room })).toMatchObject({ ok: true, room: other.room })
    await owner.api.games.remove.mutate({ game })
  })

  it('a room goes with its game', async () => {
    const game = await newGame('Ending')
    const first = played(await guest.api.rooms.quickPlay.mutate({ game }))
    await owner.api.games.remove.mutate({ game })
    expect(await guest.api.rooms.quickPlay.mutate({ game })).toMatchObject({ ok: false, reason: 'no-such-game' })
    expect(await guest.api.rooms.join.mutate({ room: first.room })).toMatchObject({ ok: false, reason: 'no-such-room' })
  })

  it('a game that its node does not know gives no seat and leaves none behind', async () => {
    const { id } = (await owner.api.session.me.query())!
    const ghost = { id: 'ghost', owner_id: id, node_id: 'n1', title: 'Ghost' }
    await world.db.owner.insertInto('games').values(ghost).execute()
    expect(await guest.api.rooms.quickPlay.mutate({ game: 'ghost' })).toMatchObject({
      ok: false,
      reason: 'unavailable',
    })
    expect(await world.db.owner.selectFrom('rooms').select('id').where('game_id', '=', 'ghost').execute()).toEqual([])
    const start = await owner.api.studio.start.mutate({ game: 'ghost' })
    expect(start).toEqual({ ok: false, reason: 'no-such-game', text: 'The game server has no files of this game.' })
    await owner.api.games.remove.mutate({ game: 'ghost' })
  })
})

describe('permission', () => {
  type Verdict = 'ok' | 'UNAUTHORIZED' | 'FORBIDDEN'
  const verdict = async (call: Promise<unknown>): Promise<Verdict | string> => {
    try {
      await call
      return 'ok'
    } catch (error) {
      if (error instanceof TRPCClientError) return error.data?.code ?? 'no answer'
      throw error
    }
  }
  const key = `ssh-ed25519 ${'B'.repeat(68)}`
  const hash = '0'.repeat(64)
  const PLAYER: Verdict[] = ['UNAUTHORIZED', 'ok', 'ok', 'ok']
  const CREATOR: Verdict[] = ['UNAUTHORIZED', 'FORBIDDEN', 'ok', 'ok']
  const OWNER: Verdict[] = ['UNAUTHORIZED', 'FORBIDDEN', 'FORBIDDEN', 'ok']
  /** What anybody, a guest, another creator and the owner get; the last columns run in this order, so `remove` is last. */
  const matrix: Record<string, [call: (who: Visitor, game: string) => Promise<unknown>, verdicts: Verdict[]]> = {
    'session.help': [(who) => who.api.session.help.query(), ['ok', 'ok', 'ok', 'ok']],
    'session.me': [(who) => who.api.session.me.query(), ['ok', 'ok', 'ok', 'ok']],
    'games.list': [(who) => who.api.games.list.query({}), ['ok', 'ok', 'ok', 'ok']],
    'games.get': [(who, game) => who.api.games.get.query({ game }), ['ok', 'ok', 'ok', 'ok']],
    'games.mine': [(who) => who.api.games.mine.query(), CREATOR],
    'games.create': [(who) => who.api.games.create.mutate({ title: 'Matrix', template: 'hello' }), CREATOR],
    'rooms.quickPlay': [(who, game) => who.api.rooms.quickPlay.mutate({ game }), PLAYER],
    'rooms.join': [(who) => who.api.rooms.join.mutate({ room: newRoomId() }), PLAYER],
    'rooms.openPrivate': [(who, game) => who.api.rooms.openPrivate.mutate({ game }), PLAYER],
    'rooms.again': [(who, game) => who.api.rooms.again.mutate({ game, room: newRoomId() }), PLAYER],
    'rooms.iceServers': [(who) => who.api.rooms.iceServers.query(), PLAYER],
    'rooms.rejoin': [(who) => who.api.rooms.rejoin.mutate({ room: newRoomId(), player: newPlayerId() }), PLAYER],
    'studio.status': [(who, game) => who.api.studio.status.query({ game }), OWNER],
    'studio.log': [(who, game) => who.api.studio.log.query({ game }), OWNER],
    'studio.stop': [(who, game) => who.api.studio.stop.mutate({ game }), OWNER],
    'studio.start': [(who, game) => who.api.studio.start.mutate({ game }), OWNER],
    'studio.files': [(who, game) => who.api.studio.files.query({ game }), OWNER],
    'studio.read': [(who, game) => who.api.studio.read.query({ game, path: 'server.js' }), OWNER],
    'studio.write': [
      (who, game) => who.api.studio.write.mutate({ game, path: 'x.txt', content: '', replaces: null }),
      OWNER,
    ],
    'studio.removeFile': [
      (who, game) => who.api.studio.removeFile.mutate({ game, path: 'x.txt', replaces: hash }),
      OWNER,
    ],
    'studio.keys': [(who) => who.api.studio.keys.query(), CREATOR],
    'studio.setKeys': [(who) => who.api.studio.setKeys.mutate({ keys: [key] }), CREATOR],
    'games.remove': [(who, game) => who.api.games.remove.mutate({ game }), OWNER],
  }

  it('the matrix names every procedure', () => {
    expect(Object.keys(matrix).sort()).toEqual(Object.keys(appRouter._def.procedures).sort())
  })

  it('each that asks a game server says how often, for its caller may do that only so often', () => {
    const light = [
      'session.me',
      'session.help',
      'games.list',
      'games.get',
      'rooms.iceServers',
      'studio.keys',
      'studio.log',
    ]
    const procedures: unknown = appRouter._def.procedures // flat, which its type does not say
    const costs = Object.entries(procedures as Record<string, { _def: { meta?: { nodeCalls: number } } }>)
    const free = costs.filter(([, { _def }]) => !_def.meta?.nodeCalls).map(([name]) => name)
    expect(free.sort()).toEqual(light.sort())
  })

  it('of every procedure is as the matrix says for anybody, a guest, another creator and the owner', async () => {
    const game = await newGame('Matrix Game', 'hello')
    for (const [name, [call, verdicts]] of Object.entries(matrix)) {
      const seen: string[] = []
      for (const who of [nobody, guest, stranger, owner]) seen.push(await verdict(call(who, game)))
      expect(seen, name).toEqual(verdicts)
    }
  })

  it('no answer to another tells an e-mail, an account id, a token or a password', async () => {
    const game = await newGame('Leaks', 'hello')
    const { id } = (await owner.api.session.me.query())!
    const rows = await world.db.owner.selectFrom('account').select('password').execute()
    const secrets = ['owner@example.test', id, ...rows.flatMap(({ password }) => password ?? [])]
    for (const [name, [call]] of Object.entries(matrix)) {
      const said = await call(stranger, game).then(JSON.stringify, (error) =>
        JSON.stringify([error.message, error.shape]),
      )
      for (const secret of secrets) expect(said ?? '', name).not.toContain(secret)
    }
  })
})

describe('HTTP', () => {
  it('every page has the security headers and no inline script is allowed', async () => {
    for (const path of ['/', '/games/pong', '/api/nothing', '/assets/missing.js']) {
      const { headers } = await nobody.fetch(path)
      const policy = headers.get('content-security-policy')!
      expect(policy).toContain(`frame-src ${world.playOrigin};`)
      expect(policy).toContain(`img-src 'self';`)
      expect(policy).toContain(`frame-ancestors 'none'`)
      expect(policy).not.toContain('unsafe')
      expect(headers.get('x-content-type-options')).toBe('nosniff')
      expect(headers.get('x-powered-by')).toBe(null)
    }
  })

  it('an address that a person opens gets the page, a missing file does not', async () => {
    const page = await nobody.fetch('/games/pong', { headers: { accept: 'text/html' } })
    expect([page.status, await page.text()]).toEqual([200, expect.stringContaining('Sandlot')])
    for (const path of ['/assets/missing.js', '/missing.png', '/../secret', '/ticket.pem/x', '/.env'])
      expect((await nobody.fetch(path, { headers: { accept: 'text/html' } })).status, path).not.toBe(500)
    expect((await nobody.fetch('/missing.png')).status).toBe(404)
  })

  it('a change from a page of another site is refused, also for the owner', async () => {
    const game = await newGame('Forged', 'hello')
    const init = (origin: string) => ({
      method: 'POST',
      headers: { origin, 'content-type': 'application/json' },
      body: JSON.stringify({ game }),
    })
    expect((await owner.fetch('/api/trpc/games.remove', init(world.playOrigin))).status).toBe(403)
    expect(
      (await owner.fetch(`/api/trpc/games.remove?input=${encodeURIComponent(JSON.stringify({ game }))}`)).status,
    ).toBe(405)
    expect((await owner.fetch('/api/trpc/games.remove', init(world.site.origin))).status).toBe(200)
  })

  it.each([
    ['text with NUL in a search', (who: Visitor) => who.api.games.list.query({ search: 'a\0b' })],
    ['a page of a million games', (who: Visitor) => who.api.games.list.query({ limit: 1e6 })],
    [
      'a field nobody asked for',
      (who: Visitor) => who.api.games.create.mutate({ title: 'x', template: 'hello', owner: 'me' } as never),
    ],
    [
      'a path out of the folder',
      (who: Visitor) => who.api.studio.read.query({ game: 'twin', path: '../../etc/passwd' }),
    ],
    ['a game that is an object', (who: Visitor) => who.api.games.get.query({ game: { $ne: '' } } as never)],
  ])('%s is refused as malformed', async (_what, call) => {
    await expect(call(owner)).rejects.toMatchObject({ data: { code: 'BAD_REQUEST' } })
  })
})
