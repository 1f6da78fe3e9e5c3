// Who is shut out. A banned person has no session and gets none, and nobody sees or plays their games. Nothing of theirs is removed.
import type { Database } from '../../db/database.ts'
import { ControlError } from '../control/client.ts'
import { placements } from '../games/store.ts'
import { pushKeys } from '../studio/keys.ts'
import type { Placed } from '../trpc.ts'

/** Why somebody is banned, in words for them (may be empty); undefined when they are not. */
export async function banOf(db: Database, user: string): Promise<string | undefined> {
  return (await db.selectFrom('bans').select('why').where('user_id', '=', user).executeTakeFirst())?.why
}

/** `applied` is false when a node of theirs did not answer: their games may go on there, and their keys open files. Then do it again. */
export interface Banning {
  applied: boolean
}

/** Ends their sessions, their running games and their way in over SFTP. A second time it gives other words. */
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
    for (const [node, games] of await placements(db, user))
      for (const game of games) await nodes.get(node).control.stopGame(game)
  } catch (error) {
    if (!(error instanceof ControlError)) throw error
    return { applied: false }
  }
  return { applied }
}

/** Their keys open their files again. */
export async function unban(placed: Placed, user: string): Promise<Banning & { wasBanned: boolean }> {
  const { numDeletedRows } = await placed.db.deleteFrom('bans').where('user_id', '=', user).executeTakeFirstOrThrow()
  const { applied } = await pushKeys(placed, user)
  return { applied, wasBanned: numDeletedRows > 0n }
}

export async function endSessions(db: Database, user: string): Promise<void> {
  await db.deleteFrom('session').where('userId', '=', user).execute()
}
