// Takes away what nobody will ask for again: rooms that ended long ago with their seats, and guests who have neither seat nor game.
import { sql } from 'kysely'
import type { Database } from '../db/database.ts'

const ROOM_DAYS = 30 // how long a room that has ended, its result and who sat there are kept
const GUEST_DAYS = 30 // as long as a session lasts
const ROWS_AT_ONCE = 500 // so that no statement comes near its time limit and no lock is held for long

/** What was taken away by one `reap`. */
export interface Reaped {
  rooms: number
  guests: number
}

const before = (days: number) => sql<Date>`now() - make_interval(days => ${sql.lit(days)})`

async function reapRooms(db: Database): Promise<number> {
  const old = db
    .selectFrom('rooms')
    .select('id')
    .where('state', '=', 'ended')
    .where('ended_at', '<', before(ROOM_DAYS))
    .limit(ROWS_AT_ONCE)
    .forUpdate()
    .skipLocked() // another website process is at it
  const { numDeletedRows } = await db.deleteFrom('rooms').where('id', 'in', old).executeTakeFirstOrThrow()
  return Number(numDeletedRows)
}

/** Sessions go with their guest. A guest who still has one that lives is left alone, and so is whoever owns a game. */
async function reapGuests(db: Database): Promise<number> {
  const idle = db
    .selectFrom('user')
    .select('user.id')
    .where('isAnonymous', '=', true)
    .where('user.createdAt', '<', before(GUEST_DAYS))
    .where((row) =>
      row.and([
        row.not(row.exists(row.selectFrom('seats').select('player_id').whereRef('user_id', '=', 'user.id'))),
        row.not(row.exists(row.selectFrom('games').select('games.id').whereRef('owner_id', '=', 'user.id'))),
        row.not(
          row.exists(
            row
              .selectFrom('session')
              .select('session.id')
              .whereRef('userId', '=', 'user.id')
              .where('expiresAt', '>', sql<Date>`now()`),
          ),
        ),
      ]),
    )
    .limit(ROWS_AT_ONCE)
    .forUpdate()
    .skipLocked()
  const { numDeletedRows } = await db.deleteFrom('user').where('id', 'in', idle).executeTakeFirstOrThrow()
  return Number(numDeletedRows)
}

/** Any number of website processes may reap at once. Seats go with their room, so guests come after rooms. */
export async function reap(db: Database): Promise<Reaped> {
  const all = async (some: (db: Database) => Promise<number>): Promise<number> => {
    let sum = 0
    for (let count = ROWS_AT_ONCE; count === ROWS_AT_ONCE; sum += count) count = await some(db)
    return sum
  }
  return { rooms: await all(reapRooms), guests: await all(reapGuests) }
}
