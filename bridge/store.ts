// What a report does to the database: one transaction each, in which the report's key and its effect stand or fall together.
import type * as contract from '@sandlot/shared/contract.ts'
import { MAX_STORE_BYTES, MAX_STORE_NAMES } from '@sandlot/shared/limits.ts'
import type { Database } from '@sandlot/website/db/database.ts'
import { TRPCError } from '@trpc/server'
import { sql } from 'kysely'
import type { z } from 'zod'
import type { Quotas } from './quotas.ts'

type Answer = z.infer<typeof contract.bridgeAnswer>
type Input<Schema extends z.ZodType> = z.infer<Schema>

const MAX_LOG_LINES = 1_000 // kept per game; the newest are the useful ones
const MAX_CLOCK_SKEW_MS = 60_000 // a node's clock may be ahead by this; its lines are never from the future
const KEYS_KEPT = 500 // of each node. One report of an honest node is unanswered at a time; older ones are out of order anyway
const KEYS_PRUNED_EVERY = 50 // reports of a node
const ORDER_LOCK = 7_263_002 // any number; the first half of the advisory lock that puts one node's reports in line

/** The caller, and what its calls may use. */
export interface Caller {
  db: Database
  node: string
  quotas: Quotas
}

const DONE: Answer = { ok: true, repeated: false }
const REPEATED: Answer = { ok: true, repeated: true }
const NOT_YOURS: Answer = { ok: false, reason: 'not-yours' }
const OVER_QUOTA: Answer = { ok: false, reason: 'over-quota' }

/** What Postgres can hold: no NUL and no half of a surrogate pair. */
const clean = (text: string): string => text.replaceAll('\0', '\ufffd').toWellFormed()

/**
 * Lets a report have its effect: once by its key, and never after a later one of the same node. Reports of one node go one after the
 * other; `act` answers what became of it. What was refused may come again.
 */
function once(
  { db, node }: Caller,
  { key, seq }: { key: string; seq: number },
  act: (tx: Database) => Promise<Answer>,
): Promise<Answer> {
  return db.transaction().execute(async (tx) => {
    await sql`select pg_advisory_xact_lock(${ORDER_LOCK}, hashtext(${node}))`.execute(tx)
    const { known, last } = await tx
      .selectNoFrom((row) => [
        row
          .exists(row.selectFrom('reports').select('key').where('node_id', '=', node).where('key', '=', key))
          .as('known'),
        row
          .selectFrom('reports')
          .select((one) => one.fn.max('seq').as('seq'))
          .where('node_id', '=', node)
          .as('last'),
      ])
      .executeTakeFirstOrThrow()
    if (known) return REPEATED
    if (last !== null && seq <= last) return { ok: false, reason: 'out-of-order', last }
    const answer = await act(tx)
    if (!answer.ok) return answer
    await tx.insertInto('reports').values({ key, seq, node_id: node }).execute()
    if (isTimeToPrune(node)) await forgetOldKeys(tx, node)
    return answer
  })
}

const sincePruned = new Map<string, number>()

/** True for every KEYS_PRUNED_EVERY-th report of a node. */
function isTimeToPrune(node: string): boolean {
  const count = (sincePruned.get(node) ?? 0) + 1
  sincePruned.set(node, count % KEYS_PRUNED_EVERY)
  return count === KEYS_PRUNED_EVERY
}

async function forgetOldKeys(db: Database, node: string): Promise<void> {
  const newest = db.selectFrom('reports').select('seq').where('node_id', '=', node).orderBy('seq', 'desc')
  await db
    .deleteFrom('reports')
    .where('node_id', '=', node)
    .where('seq', '<=', newest.offset(KEYS_KEPT).limit(1))
    .execute()
}

/** Throws TOO_MANY_REQUESTS when the game has used up its minute; the node tries again later. */
function spend({ quotas }: Caller, game: string, logBytes = 0): void {
  if (quotas.take(game, logBytes)) return
  throw new TRPCError({ code: 'TOO_MANY_REQUESTS', message: 'This game reports too much. Try again in a minute.' })
}

const hasGame = (db: Database, node: string, game: string) =>
  db.selectFrom('games').select('id').where('id', '=', game).where('node_id', '=', node)

const hasRoom = (db: Database, node: string, room: string) =>
  db.selectFrom('rooms').select(['id', 'state']).where('id', '=', room).where('node_id', '=', node)

/** A game.json without a title leaves the title that the creator chose on the site. */
export function reportBuild(caller: Caller, input: Input<typeof contract.reportBuild>): Promise<Answer> {
  const { title, description, players, tickRate } = input.manifest
  return once(caller, input, async (tx) => {
    if (!(await hasGame(tx, caller.node, input.game).forNoKeyUpdate().executeTakeFirst())) return NOT_YOURS
    spend(caller, input.game)
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
export function reportRoom(caller: Caller, input: Input<typeof contract.reportRoom>): Promise<Answer> {
  const { event } = input
  return once(caller, input, async (tx) => {
    if (!(await hasRoom(tx, caller.node, input.room).forNoKeyUpdate().executeTakeFirst())) return NOT_YOURS
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
export function reportSeat(caller: Caller, input: Input<typeof contract.reportSeat>): Promise<Answer> {
  return once(caller, input, async (tx) => {
    const room = await hasRoom(tx, caller.node, input.room).forKeyShare().executeTakeFirst()
    const seat = await tx
      .selectFrom('seats')
      .select('player_id')
      .where('player_id', '=', input.player)
      .where('room_id', '=', input.room)
      .executeTakeFirst()
    if (!room || !seat) return NOT_YOURS
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
export async function loadStore({ db, node }: Caller, game: string) {
  if (!(await hasGame(db, node, game).executeTakeFirst())) return undefined
  const rows = await db
    .selectFrom('store')
    .select(['name', 'value'])
    .where('game_id', '=', game)
    .orderBy('name')
    .execute()
  return rows as Input<typeof contract.storeEntries>
}

export function setStore(caller: Caller, input: Input<typeof contract.storeSet>): Promise<Answer> {
  const { game, name } = input
  const text = JSON.stringify(input.value)
  const bytes = Buffer.byteLength(text) + Buffer.byteLength(name)
  return once(caller, input, async (tx) => {
    if (!(await hasGame(tx, caller.node, game).forNoKeyUpdate().executeTakeFirst())) return NOT_YOURS
    spend(caller, game)
    if (input.value === null) {
      await tx.deleteFrom('store').where('game_id', '=', game).where('name', '=', name).execute()
      return DONE
    }
    const others = await tx
      .selectFrom('store')
      .select((row) => [
        row.fn.coalesce(row.fn.sum<number>('bytes'), sql<number>`0`).as('bytes'),
        row.fn.countAll<number>().as('names'),
      ])
      .where('game_id', '=', game)
      .where('name', '!=', name)
      .executeTakeFirstOrThrow()
    if (Number(others.bytes) + bytes > MAX_STORE_BYTES || others.names >= MAX_STORE_NAMES) return OVER_QUOTA
    await tx
      .insertInto('store')
      .values({ game_id: game, name, value: text, bytes })
      .onConflict((conflict) => conflict.columns(['game_id', 'name']).doUpdateSet({ value: text, bytes }))
      .execute()
    return DONE
  })
}

/** Lines past MAX_LOG_LINES push out the oldest of the same game. */
export function appendLog(caller: Caller, input: Input<typeof contract.appendLog>): Promise<Answer> {
  const { game, lines } = input
  const latest = Date.now() + MAX_CLOCK_SKEW_MS
  const bytes = lines.reduce((sum, { text }) => sum + Buffer.byteLength(text), 0)
  return once(caller, input, async (tx) => {
    if (!(await hasGame(tx, caller.node, game).forNoKeyUpdate().executeTakeFirst())) return NOT_YOURS
    spend(caller, game, bytes)
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
