// Who is shut out. A banned person has no session and gets none, and nobody sees or plays their games. Nothing of theirs is removed.
import type { Database } from '../../db/database.ts'
import { ControlError } from '../control/client.ts'
import { pushKeys } from '../studio/keys.ts'
import type { Placed } from '../trpc.ts'

/** Why somebody is banned, in words for them (may be empty); undefined when they are not. */
export async function banOf(db: Database, user: string): Promise<string | undefined> {
  return (await db.selectFrom('bans').select('why').where('user_id', '=', user).executeTakeFirst())?.why
}

/** `applied` is false when a node of theirs did not answer: rooms of theirs may go on there, and their keys open files. Then do it again. */
export interface Banning {
  applied: boolean
}

/** Ends their sessions, the rooms of their games and their way in over SFTP. A second time it gives other words. */
export async function ban(placed: Placed, user: string, why: string): Promise<Banning> {
  const { db, nodes } = placed
  await db.transaction().execute(async (tx) => {
    // A session that is being made waits for this, and then meets the ban: see createAuth.
    await tx.selectFrom('user').select('id').where('id', '=', user).forUpdate().execute()
    await tx.deleteFrom('bans').where('user_id', '=', user).execute()
    await tx.insertInto('bans').values({ user_id: user, why }).execute()
    await endSessions(tx, user)
  })
  const { applied } = await pushKeys(placed, user)
  try {
    for (const { id, game_id, node_id } of await roomsOf(db, user))
      await nodes.get(node_id).control.closeRoom(game_id, id)
  } catch (error) {
    if (!(error instanceof ControlError)) throw error
    return { applied: false }
  }
  return { applied }
}

/** What has not ended of the rooms of their games. */
const roomsOf = (db: Database, user: string) =>
  db
    .selectFrom('rooms')
    .innerJoin('games', 'games.id', 'rooms.game_id')
    .select(['rooms.id', 'rooms.game_id', 'rooms.node_id'])
    .where('games.owner_id', '=', user)
    .where('rooms.state', '<>', 'ended')
    .execute()

/** Their keys open their files again. */
export async function unban(placed: Placed, user: string): Promise<Banning & { wasBanned: boolean }> {
  const { numDeletedRows } = await placed.db.deleteFrom('bans').where('user_id', '=', user).executeTakeFirstOrThrow()
  const { applied } = await pushKeys(placed, user)
  return { applied, wasBanned: numDeletedRows > 0n }
}

export async function endSessions(db: Database, user: string): Promise<void> {
  await db.deleteFrom('session').where('userId', '=', user).execute()
}
