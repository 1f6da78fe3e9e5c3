// Seats and rooms in the database. A seat is given inside one transaction that holds its game, so no seat is given twice and no
// room gets more players than it has places.

import { MAX_ROOMS_PER_GAME, TICKET_TTL_S } from '@sandlot/shared/limits.ts'
import { newPlayerId, newRoomId } from '@sandlot/shared/random-ids.ts'
import { type ExpressionBuilder, sql } from 'kysely'
import type { Database } from '../../db/database.ts'
import type { Tables } from '../../db/schema.ts'
import { isOpen } from '../games/store.ts'
import type { PlayReason } from './shapes.ts'

const REPORT_GRACE_S = 5 // the node's word that a player came in on the last second of a ticket is still on its way
export const MAX_RESERVED_PER_USER = 5 // seats held and not taken; more is somebody keeping others out
export const MAX_HELD_PER_USER = 20 // taken ones too, of all games: somebody who tries things in many windows has fewer
export const MAX_GAMES_PER_USER = 5 // with seats at the same time: each may keep a game server busy, and a node has some dozens of those
const MAX_HELD_IN_ROOM = 4 // by one user, and no more than half of the places

/** How many places of a room one user may have. Two in the smallest: a game is tried alone in two windows. */
const mostInRoom = (places: number): number => Math.min(MAX_HELD_IN_ROOM, Math.max(2, Math.floor(places / 2)))

export interface Player {
  user: string
  name: string
}
/** `fresh`: the seat was made by this call, so a failure later takes it away again. `game` of a failure: null when there is none. */
export type Match =
  | {
      ok: true
      game: string
      node: string
      room: string
      player: string
      name: string
      fresh: boolean
      private: boolean
    }
  | { ok: false; reason: PlayReason; game: string | null }

/** With whom: whoever comes, those of one party (named by the id of its first room), or those who are invited from now on. */
export type Company = { with: 'anybody' } | { with: 'party'; party: string } | { with: 'invited' }

const refuse = (reason: PlayReason, game: string | null = null): Match => ({ ok: false, reason, game })
const expiry = sql<Date>`now() + ${sql.lit(`${TICKET_TTL_S + REPORT_GRACE_S} seconds`)}::interval`

/** A seat that counts: somebody sits there, or may still come. */
const held = (row: ExpressionBuilder<Tables, 'seats'>) =>
  row.or([
    row('seats.state', '=', 'taken'),
    row.and([row('seats.state', '=', 'reserved'), row('seats.expires_at', '>', sql<Date>`now()`)]),
  ])

/** Everything about the seats of one game waits for whoever holds this. */
const lockGame = (db: Database, game: string) =>
  db.selectFrom('games').select(['id', 'node_id', 'max_players']).where('id', '=', game).forNoKeyUpdate()

/** Undefined: there is no such game, or its creator is banned. */
const lockOpenGame = (db: Database, game: string) => lockGame(db, game).where(isOpen).executeTakeFirst()

async function heldSeats(db: Database, room: string): Promise<number> {
  const { count } = await db
    .selectFrom('seats')
    .select((row) => row.fn.countAll<number>().as('count'))
    .where('room_id', '=', room)
    .where(held)
    .executeTakeFirstOrThrow()
  return count
}

/** The seats that a user holds in rooms that are not over: in which rooms, of which games, and how many nobody has seen the user in yet. */
async function holdings(db: Database, user: string) {
  const rows = await db
    .selectFrom('seats')
    .innerJoin('rooms', 'rooms.id', 'seats.room_id')
    .select(['seats.room_id', 'seats.state', 'rooms.game_id'])
    .where('seats.user_id', '=', user)
    .where('rooms.state', '<>', 'ended')
    .where((row) => held(row as never))
    .execute()
  const inRoom = new Map<string, number>()
  for (const { room_id } of rows) inRoom.set(room_id, (inRoom.get(room_id) ?? 0) + 1)
  const reserved = rows.filter(({ state }) => state === 'reserved').length
  const isFull = reserved >= MAX_RESERVED_PER_USER || rows.length >= MAX_HELD_PER_USER
  const games = new Set(rows.map(({ game_id }) => game_id))
  return {
    /** Whether a further seat of this game is one too many. */
    isFull: (game: string) => isFull || (!games.has(game) && games.size >= MAX_GAMES_PER_USER),
    mayEnter: (room: string, places: number) => (inRoom.get(room) ?? 0) < mostInRoom(places),
  }
}

/** Calls of one user wait for each other, in whatever games: two at once would each find the last seat that the user may have. Before `lockGame`. */
const lockUser = (db: Database, user: string) =>
  sql`select pg_advisory_xact_lock(hashtextextended(${`seats of ${user}`}, 0))`.execute(db)

async function addSeat(db: Database, room: string, { user, name }: Player): Promise<string> {
  const player = newPlayerId()
  await db
    .insertInto('seats')
    .values({ player_id: player, room_id: room, user_id: user, name, state: 'reserved', expires_at: expiry })
    .execute()
  return player
}

/** A seat in the fullest room for this company that has a free place, else in a new room. */
export function matchSeat(
  db: Database,
  gameId: string,
  player: Player,
  company: Company = { with: 'anybody' },
): Promise<Match> {
  return db.transaction().execute(async (tx) => {
    await lockUser(tx, player.user)
    const game = await lockOpenGame(tx, gameId)
    if (!game) return refuse('no-such-game')
    const { isFull, mayEnter } = await holdings(tx, player.user)
    if (isFull(game.id)) return refuse('too-many-seats', game.id)
    const rooms = await tx
      .selectFrom('rooms')
      .leftJoin('seats', (join) => join.onRef('seats.room_id', '=', 'rooms.id').on((row) => held(row as never)))
      .select([
        'rooms.id',
        'rooms.max_players',
        'rooms.party',
        (row) => row.fn.count<number>('seats.player_id').as('held'),
      ])
      .where('rooms.game_id', '=', gameId)
      .where('rooms.state', '<>', 'ended')
      .groupBy('rooms.id')
      .orderBy('held', 'desc')
      .orderBy('rooms.created_at')
      .orderBy('rooms.id')
      .execute()
    const party = company.with === 'party' ? company.party : null
    const open = company.with === 'invited' ? [] : rooms.filter((one) => one.party === party)
    let room = open.find((one) => one.held < one.max_players && mayEnter(one.id, one.max_players))?.id
    if (!room) {
      if (rooms.length >= MAX_ROOMS_PER_GAME) return refuse('too-many-rooms', game.id)
      room = newRoomId()
      const row = {
        id: room,
        game_id: game.id,
        node_id: game.node_id,
        state: 'starting',
        max_players: game.max_players,
        party: company.with === 'invited' ? room : party,
      } as const
      await tx.insertInto('rooms').values(row).execute()
    }
    const seat = await addSeat(tx, room, player)
    const place = { game: game.id, node: game.node_id, room, private: company.with !== 'anybody' }
    return { ok: true, ...place, player: seat, name: player.name, fresh: true }
  })
}

const findRoom = (db: Database, room: string) =>
  db.selectFrom('rooms').select(['id', 'game_id', 'node_id', 'state', 'max_players', 'party']).where('id', '=', room)

/** The party of a room, null for rooms of anybody and for those that are forgotten. */
export async function partyOf(db: Database, game: string, room: string): Promise<string | null> {
  const found = await findRoom(db, room).where('game_id', '=', game).executeTakeFirst()
  return found?.party ?? null
}

/** A seat in this very room. */
export function joinRoom(db: Database, roomId: string, player: Player): Promise<Match> {
  return db.transaction().execute(async (tx) => {
    await lockUser(tx, player.user)
    const where = await findRoom(tx, roomId).executeTakeFirst()
    if (!where || !(await lockOpenGame(tx, where.game_id))) return refuse('no-such-room')
    const room = await findRoom(tx, roomId).executeTakeFirst() // again, now that nobody else may change it
    if (!room) return refuse('no-such-room')
    if (room.state === 'ended') return refuse('room-ended', room.game_id)
    const { isFull, mayEnter } = await holdings(tx, player.user)
    if (isFull(room.game_id) || !mayEnter(room.id, room.max_players)) return refuse('too-many-seats', room.game_id)
    if ((await heldSeats(tx, room.id)) >= room.max_players) return refuse('room-full', room.game_id)
    const seat = await addSeat(tx, room.id, player)
    return {
      ok: true,
      game: room.game_id,
      node: room.node_id,
      room: room.id,
      player: seat,
      name: player.name,
      fresh: true,
      private: room.party !== null,
    }
  })
}

/** The seat that this user had in this room. One that was left or ran out is given back as a new one would be given. */
export function reclaimSeat(db: Database, roomId: string, playerId: string, user: string): Promise<Match> {
  return db.transaction().execute(async (tx) => {
    await lockUser(tx, user)
    const where = await findRoom(tx, roomId).executeTakeFirst()
    if (!where || !(await lockOpenGame(tx, where.game_id))) return refuse('no-such-room')
    const room = await findRoom(tx, roomId).executeTakeFirst()
    if (!room) return refuse('no-such-room')
    const seat = await tx
      .selectFrom('seats')
      .select(['name', 'state', (row) => held(row).as('held')])
      .where('player_id', '=', playerId)
      .where('room_id', '=', roomId)
      .where('user_id', '=', user)
      .executeTakeFirst()
    if (!seat) return refuse('no-such-seat', room.game_id)
    if (room.state === 'ended') return refuse('room-ended', room.game_id)
    if (!seat.held) {
      const { isFull, mayEnter } = await holdings(tx, user)
      if (isFull(room.game_id) || !mayEnter(room.id, room.max_players)) return refuse('too-many-seats', room.game_id)
      if ((await heldSeats(tx, room.id)) >= room.max_players) return refuse('room-full', room.game_id)
    }
    if (seat.state !== 'taken')
      await tx
        .updateTable('seats')
        .set({ state: 'reserved', expires_at: expiry })
        .where('player_id', '=', playerId)
        .execute()
    return {
      ok: true,
      game: room.game_id,
      node: room.node_id,
      room: roomId,
      player: playerId,
      name: seat.name,
      fresh: false,
      private: room.party !== null,
    }
  })
}

/** The node runs the room. */
export async function markOpen(db: Database, room: string): Promise<void> {
  await db.updateTable('rooms').set({ state: 'open' }).where('id', '=', room).where('state', '=', 'starting').execute()
}

/** The node says that the room is over; the reason comes with its report. */
export async function markEnded(db: Database, room: string): Promise<void> {
  await db.transaction().execute(async (tx) => {
    await tx
      .updateTable('rooms')
      .set({ state: 'ended', ended_at: sql<Date>`now()` })
      .where('id', '=', room)
      .where('state', '<>', 'ended')
      .execute()
    await tx.updateTable('seats').set({ state: 'left' }).where('room_id', '=', room).execute()
  })
}

/** Takes back a seat that nobody got to use, and the room with it when it never started and nobody else wants it. */
export async function releaseSeat(db: Database, game: string, room: string, player: string): Promise<void> {
  await db.transaction().execute(async (tx) => {
    await lockGame(tx, game).execute()
    await tx.deleteFrom('seats').where('player_id', '=', player).where('state', '=', 'reserved').execute()
    await tx
      .deleteFrom('rooms')
      .where('id', '=', room)
      .where('state', '=', 'starting')
      .where((row) =>
        row.not(row.exists(row.selectFrom('seats').select('player_id').whereRef('room_id', '=', 'rooms.id'))),
      )
      .execute()
  })
}
