import { newPlayerId, newRoomId } from '@sandlot/shared/random-ids.ts'
import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Database } from '../../db/database.ts'
import { type TestDatabase, testDatabase } from '../../testing/postgres.ts'
import {
  joinRoom,
  MAX_GAMES_PER_USER,
  MAX_HELD_PER_USER,
  MAX_RESERVED_PER_USER,
  markEnded,
  matchSeat,
  partyOf,
  reclaimSeat,
  releaseSeat,
} from './store.ts'

const MAX_PLAYERS = 8
let db: TestDatabase
const users = Array.from({ length: 200 }, (_, i) => `user${i}`)

beforeAll(async () => {
  db = await testDatabase()
  const rows = users.map((id) => ({ id, name: id, email: `${id}@example.test`, emailVerified: false }))
  await db.owner
    .insertInto('user')
    .values(rows.map((row) => ({ ...row, createdAt: new Date(), updatedAt: new Date() })))
    .execute()
  await db.owner
    .insertInto('nodes')
    .values({ id: 'n1', control_url: 'http://c.test', play_url: 'http://p.test' })
    .execute()
})
afterAll(() => db[Symbol.asyncDispose]())
beforeEach(async () => {
  await db.owner.deleteFrom('games').execute()
  const game = { id: 'pong', owner_id: 'user0', node_id: 'n1', title: 'Pong', max_players: MAX_PLAYERS }
  await db.owner.insertInto('games').values(game).execute()
})

const play = async (pool: Database, user: string) => {
  const match = await matchSeat(pool, 'pong', { user, name: user })
  if (!match.ok) throw new Error(match.reason)
  return match
}
const rooms = async () => {
  const { rows } = await sql<{ id: string; held: number; max: number }>`
    select r.id, r.max_players as max, count(s.player_id) as held from rooms r left join seats s on s.room_id = r.id
    group by r.id order by held desc`.execute(db.owner)
  return rows
}

describe('matchmaking', () => {
  it('200 calls at once, from two processes: no seat twice, no room over its maximum, rooms filled before new ones open', async () => {
    const pools = [db.website, db.open(db.websiteUrl)]
    const matches = await Promise.all(users.map((user, i) => play(pools[i % 2]!, user)))
    expect(new Set(matches.map((match) => match.player)).size).toBe(200)
    expect((await rooms()).map(({ held }) => held)).toEqual(Array(200 / MAX_PLAYERS).fill(MAX_PLAYERS))
  })

  it('at most the last room has free places, whatever the numbers', async () => {
    await Promise.all(users.slice(0, 61).map((user) => play(db.website, user)))
    expect((await rooms()).map(({ held }) => held)).toEqual([8, 8, 8, 8, 8, 8, 8, 5])
  })

  it('many joins by link at once never fill a room over its maximum; the others hear that it is full', async () => {
    const { room } = await play(db.website, users[0]!)
    const answers = await Promise.all(
      users.slice(1, 50).map((user) => joinRoom(db.website, room, { user, name: user })),
    )
    expect(answers.filter((answer) => answer.ok)).toHaveLength(MAX_PLAYERS - 1)
    for (const answer of answers) if (!answer.ok) expect(answer.reason).toBe('room-full')
  })

  it('a private room is given to nobody who has not its link; those who have it sit together', async () => {
    const invited = await matchSeat(db.website, 'pong', { user: users[0]!, name: 'A' }, { with: 'invited' })
    if (!invited.ok) throw new Error(invited.reason)
    expect(invited.private).toBe(true)
    const stranger = await play(db.website, users[1]!)
    expect(stranger.room).not.toBe(invited.room)
    expect(stranger.private).toBe(false)
    const friend = await joinRoom(db.website, invited.room, { user: users[2]!, name: 'C' })
    expect(friend).toMatchObject({ ok: true, room: invited.room, private: true })
    expect(await partyOf(db.website, 'pong', stranger.room)).toBeNull()
    expect(await partyOf(db.website, 'other-game', invited.room)).toBeNull()
  })

  it('those of a private room that ended meet in the next one, all at once too, and again in the one after', async () => {
    const invited = await matchSeat(db.website, 'pong', { user: users[0]!, name: 'A' }, { with: 'invited' })
    if (!invited.ok) throw new Error(invited.reason)
    let last = invited.room
    for (const round of [0, 1]) {
      await markEnded(db.website, last)
      const party = (await partyOf(db.website, 'pong', last))!
      const next = await Promise.all(
        users
          .slice(1 + round * 5, 6 + round * 5)
          .map((user) => matchSeat(db.website, 'pong', { user, name: user }, { with: 'party', party })),
      )
      const rooms = new Set(next.map((match) => (match.ok ? match.room : match.reason)))
      expect(rooms.size).toBe(1)
      expect(rooms).not.toContain(last)
      last = [...rooms][0]!
      expect((await play(db.website, users[20 + round]!)).room).not.toBe(last)
    }
  })

  it('of two rooms the fuller one is chosen', async () => {
    const first = await Promise.all(users.slice(0, MAX_PLAYERS).map((user) => play(db.website, user)))
    const second = await play(db.website, users[20]!)
    await db.owner.updateTable('seats').set({ state: 'taken' }).execute()
    await db.owner.updateTable('seats').set({ state: 'left' }).where('player_id', '=', first[0]!.player).execute()
    expect((await play(db.website, users[21]!)).room).toBe(first[0]!.room)
    expect((await play(db.website, users[22]!)).room).toBe(second.room)
  })

  it('a seat that was reserved and not taken counts until it runs out, a taken one as long as it lasts', async () => {
    const { room, player } = await play(db.website, users[0]!)
    await db.owner.updateTable('rooms').set({ max_players: 1 }).where('id', '=', room).execute()
    expect(await joinRoom(db.website, room, { user: users[1]!, name: 'B' })).toEqual({
      ok: false,
      reason: 'room-full',
      game: 'pong',
    })
    const past = new Date(Date.now() - 1000)
    await db.owner
      .updateTable('seats')
      .set({ expires_at: past, state: 'taken' })
      .where('player_id', '=', player)
      .execute()
    expect(await joinRoom(db.website, room, { user: users[1]!, name: 'B' })).toEqual({
      ok: false,
      reason: 'room-full',
      game: 'pong',
    })
    await db.owner.updateTable('seats').set({ state: 'reserved' }).where('player_id', '=', player).execute()
    expect(await joinRoom(db.website, room, { user: users[1]!, name: 'B' })).toMatchObject({ ok: true, room })
  })

  it('one user cannot keep others out by holding seats without taking them', async () => {
    for (let i = 0; i < MAX_RESERVED_PER_USER; i++) await play(db.website, users[0]!)
    expect(await matchSeat(db.website, 'pong', { user: users[0]!, name: 'A' })).toEqual({
      ok: false,
      reason: 'too-many-seats',
      game: 'pong',
    })
    await play(db.website, users[1]!)
  })

  it('one user has at most half of the places of a room, taken ones too; matchmaking opens another room, and others still get in', async () => {
    const take = () => db.owner.updateTable('seats').set({ state: 'taken' }).execute()
    const mine: string[] = []
    for (let i = 0; i < 5; i++) {
      mine.push((await play(db.website, users[0]!)).room)
      await take()
    }
    const [room, other] = [mine[0]!, mine[4]!]
    expect(mine).toEqual([room, room, room, room, other])
    expect(other).not.toBe(room)
    expect(await joinRoom(db.website, room, { user: users[0]!, name: 'A' })).toMatchObject({ reason: 'too-many-seats' })
    expect(await joinRoom(db.website, room, { user: users[1]!, name: 'B' })).toMatchObject({ ok: true, room })
  })

  it('one person tries a game for two in two windows', async () => {
    const { room } = await play(db.website, users[0]!)
    await db.owner.updateTable('rooms').set({ max_players: 2 }).where('id', '=', room).execute()
    expect((await play(db.website, users[0]!)).room).toBe(room)
  })

  it('one user holds a limited number of seats in all rooms, of those that are not over, whatever comes at once', async () => {
    const take = () => db.owner.updateTable('seats').set({ state: 'taken' }).execute()
    const seat = () => matchSeat(db.website, 'pong', { user: users[0]!, name: 'A' })
    for (let i = 0; i < MAX_HELD_PER_USER / MAX_RESERVED_PER_USER; i++) {
      const answers = await Promise.all(Array.from({ length: MAX_RESERVED_PER_USER + 3 }, seat))
      expect(answers.filter((answer) => answer.ok)).toHaveLength(MAX_RESERVED_PER_USER)
      await take()
    }
    expect(await seat()).toMatchObject({ ok: false, reason: 'too-many-seats' })
    await db.owner.updateTable('rooms').set({ state: 'ended' }).execute()
    expect(await seat()).toMatchObject({ ok: true })
  })

  it('one user holds seats in a limited number of games at the same time; in those there are more, and for others too', async () => {
    const games = Array.from({ length: MAX_GAMES_PER_USER + 1 }, (_, i) => `game${i}`)
    const row = { owner_id: 'user0', node_id: 'n1', title: 'T', max_players: MAX_PLAYERS }
    await db.owner
      .insertInto('games')
      .values(games.map((id) => ({ ...row, id })))
      .execute()
    const seat = async (game: string, user = users[0]!) => {
      const match = await matchSeat(db.website, game, { user, name: 'A' })
      await db.owner.updateTable('seats').set({ state: 'taken' }).execute()
      return match
    }
    const last = games.pop()!
    const mine = await Promise.all(games.map((game) => seat(game)))
    expect(mine.every((match) => match.ok)).toBe(true)
    const refused = { ok: false, reason: 'too-many-seats', game: last }
    expect(await seat(last)).toEqual(refused)
    const other = await seat(last, users[1]!)
    if (!other.ok) throw new Error(other.reason)
    expect(await joinRoom(db.website, other.room, { user: users[0]!, name: 'A' })).toEqual(refused)
    expect(await seat(games[0]!)).toMatchObject({ ok: true })
    if (mine[1]?.ok) await markEnded(db.website, mine[1].room)
    expect(await seat(last)).toMatchObject({ ok: true })
  })

  it('no room that has ended, and no game that is not there, is ever matched', async () => {
    const { room } = await play(db.website, users[0]!)
    await markEnded(db.website, room)
    expect((await play(db.website, users[1]!)).room).not.toBe(room)
    expect(await joinRoom(db.website, room, { user: users[2]!, name: 'C' })).toEqual({
      ok: false,
      reason: 'room-ended',
      game: 'pong',
    })
    expect(await joinRoom(db.website, newRoomId(), { user: users[2]!, name: 'C' })).toEqual({
      ok: false,
      reason: 'no-such-room',
      game: null,
    })
    expect(await matchSeat(db.website, 'nothing', { user: users[2]!, name: 'C' })).toEqual({
      ok: false,
      reason: 'no-such-game',
      game: null,
    })
  })
})

describe('coming back', () => {
  it('gives the same seat to the same user, taken or not', async () => {
    const { room, player } = await play(db.website, users[0]!)
    expect(await reclaimSeat(db.website, room, player, users[0]!)).toMatchObject({
      ok: true,
      room,
      player,
      name: users[0],
    })
    await db.owner.updateTable('seats').set({ state: 'taken' }).execute()
    expect(await reclaimSeat(db.website, room, player, users[0]!)).toMatchObject({ ok: true, player })
    expect(await db.owner.selectFrom('seats').select('state').execute()).toEqual([{ state: 'taken' }])
  })

  it('gives nobody the seat of another', async () => {
    const { room, player } = await play(db.website, users[0]!)
    expect(await reclaimSeat(db.website, room, player, users[1]!)).toMatchObject({ ok: false, reason: 'no-such-seat' })
    expect(await reclaimSeat(db.website, room, newPlayerId(), users[0]!)).toMatchObject({
      ok: false,
      reason: 'no-such-seat',
    })
  })

  it('gives a seat that was left again while there is a free place, else says that the room is full', async () => {
    const { room, player } = await play(db.website, users[0]!)
    await db.owner.updateTable('seats').set({ state: 'left' }).execute()
    expect(await reclaimSeat(db.website, room, player, users[0]!)).toMatchObject({ ok: true, player })
    await db.owner.updateTable('seats').set({ state: 'left' }).execute()
    await Promise.all(users.slice(1, 1 + MAX_PLAYERS).map((user) => joinRoom(db.website, room, { user, name: user })))
    expect(await reclaimSeat(db.website, room, player, users[0]!)).toMatchObject({ ok: false, reason: 'room-full' })
  })

  it('gives no seats that ran out to somebody who holds as many as a person may; those that are held it always gives', async () => {
    const old: Awaited<ReturnType<typeof play>>[] = []
    for (let i = 0; i < 4; i++) old.push(await play(db.website, users[0]!))
    await db.owner
      .updateTable('seats')
      .set({ expires_at: new Date(Date.now() - 1000) })
      .execute()
    const held: typeof old = []
    for (let i = 0; i < 4; i++) held.push(await play(db.website, users[0]!))
    const back = ({ room, player }: (typeof old)[number]) => reclaimSeat(db.website, room, player, users[0]!)
    expect(await back(old[0]!)).toMatchObject({ ok: false, reason: 'too-many-seats' })
    expect(await back(held[0]!)).toMatchObject({ ok: true })
    await db.owner.updateTable('seats').set({ state: 'left' }).where('player_id', '=', held[0]!.player).execute()
    expect(await back(held[0]!)).toMatchObject({ ok: true })
  })
})

it('a seat that could not be used is taken back, with its room if nobody else is in it', async () => {
  const first = await play(db.website, users[0]!)
  const second = await play(db.website, users[1]!)
  await releaseSeat(db.website, 'pong', first.room, first.player)
  expect(await rooms()).toEqual([{ id: first.room, held: 1, max: MAX_PLAYERS }])
  await releaseSeat(db.website, 'pong', second.room, second.player)
  expect(await rooms()).toEqual([])
})
