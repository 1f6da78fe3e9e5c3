// What a report does to the database: one transaction each, in which the report's key and its effect stand or fall together.
import type * as contract from '@sandlot/shared/contract.ts'
import { MAX_STORE_BYTES } from '@sandlot/shared/limits.ts'
import type { Database } from '@sandlot/website/db/database.ts'
import { sql } from 'kysely'
import type { z } from 'zod'

type Answer = z.infer<typeof contract.bridgeAnswer>
type Input<Schema extends z.ZodType> = z.infer<Schema>

const MAX_LOG_LINES = 1_000 // kept per game; the newest are the useful ones
const MAX_CLOCK_SKEW_MS = 60_000 // a node's clock may be ahead by this; its lines are never from the future
const REPORT_KEPT = sql`interval '2 days'` // far longer than a node keeps retrying one report

const DONE: Answer = { ok: true, repeated: false }
const REPEATED: Answer = { ok: true, repeated: true }
const NOT_YOURS: Answer = { ok: false, reason: 'not-yours' }
const OVER_QUOTA: Answer = { ok: false, reason: 'over-quota' }

/** What Postgres can hold: no NUL and no half of a surrogate pair. */
const clean = (text: string): string => text.replaceAll('\0', '\ufffd').toWellFormed()

/** True the first time this key is seen. A second transaction with the same key waits here for the first. */
async function isNew(db: Database, node: string, key: string): Promise<boolean> {
  const inserted = await db
    .insertInto('reports')
    .values({ key, node_id: node })
    .onConflict((conflict) => conflict.column('key').doNothing())
    .executeTakeFirst()
  return inserted.numInsertedOrUpdatedRows === 1n
}

const hasGame = (db: Database, node: string, game: string) =>
  db.selectFrom('games').select('id').where('id', '=', game).where('node_id', '=', node)

const hasRoom = (db: Database, node: string, room: string) =>
  db.selectFrom('rooms').select(['id', 'state']).where('id', '=', room).where('node_id', '=', node)

/** A game.json without a title leaves the title that the creator chose on the site. */
export function reportBuild(db: Database, node: string, input: Input<typeof contract.reportBuild>): Promise<Answer> {
  const { title, description, players, tickRate } = input.manifest
  return db.transaction().execute(async (tx) => {
    if (!(await hasGame(tx, node, input.game).forNoKeyUpdate().executeTakeFirst())) return NOT_YOURS
    if (!(await isNew(tx, node, input.key))) return REPEATED
    await tx
      .updateTable('games')
      .set({
        ...(title === undefined ? {} : { title: clean(title) }),
        description: clean(description),
        min_players: players.min,
        max_players: players.max,
        tick_rate: tickRate,
        build: input.build,
        updated_at: sql<Date>`now()`,
      })
      .where('id', '=', input.game)
      .execute()
    return DONE
  })
}

/** A room ends once: the first report gives reason and result, and nothing opens it again. */
export function reportRoom(db: Database, node: string, input: Input<typeof contract.reportRoom>): Promise<Answer> {
  const { event } = input
  return db.transaction().execute(async (tx) => {
    if (!(await hasRoom(tx, node, input.room).forNoKeyUpdate().executeTakeFirst())) return NOT_YOURS
    if (!(await isNew(tx, node, input.key))) return REPEATED
    if (event.type === 'opened') {
      await tx
        .updateTable('rooms')
        .set({ state: 'open' })
        .where('id', '=', input.room)
        .where('state', '=', 'starting')
        .execute()
      return DONE
    }
    // The website may have found out first that the room is gone; only the node knows why.
    await tx
      .updateTable('rooms')
      .set({
        state: 'ended',
        ended_at: sql<Date>`coalesce(ended_at, now())`,
        end_reason: event.reason,
        result: JSON.stringify(event.result),
      })
      .where('id', '=', input.room)
      .where('end_reason', 'is', null)
      .execute()
    await tx.updateTable('seats').set({ state: 'left' }).where('room_id', '=', input.room).execute()
    return DONE
  })
}

/**
 * A seat the website gave is taken, or free again. A node tells in order and each thing once, so a `joined` after `left` is a player
 * who came back on a ticket from before the seat was left, and who sits there now. No `joined` brings back a room that has ended.
 */
export function reportSeat(db: Database, node: string, input: Input<typeof contract.reportSeat>): Promise<Answer> {
  return db.transaction().execute(async (tx) => {
    const room = await hasRoom(tx, node, input.room).forKeyShare().executeTakeFirst()
    const seat = await tx
      .selectFrom('seats')
      .select('player_id')
      .where('player_id', '=', input.player)
      .where('room_id', '=', input.room)
      .executeTakeFirst()
    if (!room || !seat) return NOT_YOURS
    if (!(await isNew(tx, node, input.key))) return REPEATED
    if (input.event === 'joined' && room.state === 'ended') return DONE
    await tx
      .updateTable('seats')
      .set({ state: input.event === 'joined' ? 'taken' : 'left' })
      .where('player_id', '=', input.player)
      .execute()
    return DONE
  })
}

/** What the game keeps, or undefined when it is not this node's. */
export async function loadStore(db: Database, node: string, game: string) {
  if (!(await hasGame(db, node, game).executeTakeFirst())) return undefined
  const rows = await db
    .selectFrom('store')
    .select(['name', 'value'])
    .where('game_id', '=', game)
    .orderBy('name')
    .execute()
  return rows as Input<typeof contract.storeEntries>
}

export function setStore(db: Database, node: string, input: Input<typeof contract.storeSet>): Promise<Answer> {
  const { game, name } = input
  const text = JSON.stringify(input.value)
  const bytes = Buffer.byteLength(text) + Buffer.byteLength(name)
  return db.transaction().execute(async (tx) => {
    // Locks the game, so that two writes at once cannot each see room for themselves alone.
    if (!(await hasGame(tx, node, game).forNoKeyUpdate().executeTakeFirst())) return NOT_YOURS
    if (!(await isNew(tx, node, input.key))) return REPEATED
    if (input.value === null) {
      await tx.deleteFrom('store').where('game_id', '=', game).where('name', '=', name).execute()
      return DONE
    }
    const others = await tx
      .selectFrom('store')
      .select((row) => row.fn.coalesce(row.fn.sum<number>('bytes'), sql<number>`0`).as('bytes'))
      .where('game_id', '=', game)
      .where('name', '!=', name)
      .executeTakeFirstOrThrow()
    if (Number(others.bytes) + bytes > MAX_STORE_BYTES) return OVER_QUOTA
    await tx
      .insertInto('store')
      .values({ game_id: game, name, value: text, bytes })
      .onConflict((conflict) => conflict.columns(['game_id', 'name']).doUpdateSet({ value: text, bytes }))
      .execute()
    return DONE
  })
}

/** Lines past MAX_LOG_LINES push out the oldest of the same game. */
export function appendLog(db: Database, node: string, input: Input<typeof contract.appendLog>): Promise<Answer> {
  const { game, lines } = input
  const latest = Date.now() + MAX_CLOCK_SKEW_MS
  return db.transaction().execute(async (tx) => {
    if (!(await hasGame(tx, node, game).forNoKeyUpdate().executeTakeFirst())) return NOT_YOURS
    if (!(await isNew(tx, node, input.key))) return REPEATED
    await tx
      .insertInto('logs')
      .values(
        lines.map(({ room, text, at }) => ({
          game_id: game,
          room_id: room,
          text: clean(text),
          at: new Date(Math.min(Math.max(at, 0), latest)),
        })),
      )
      .execute()
    const surplus = tx
      .selectFrom('logs')
      .select('id')
      .where('game_id', '=', game)
      .orderBy('id', 'desc')
      .offset(MAX_LOG_LINES)
      .limit(1)
    await tx.deleteFrom('logs').where('game_id', '=', game).where('id', '<=', surplus).execute()
    return DONE
  })
}

/** Forgets the keys of reports that no node will send again. */
export async function forgetOldReports(db: Database): Promise<void> {
  await db.deleteFrom('reports').where('received_at', '<', sql<Date>`now() - ${REPORT_KEPT}`).execute()
}
