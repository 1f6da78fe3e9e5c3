// A creator's SSH keys: kept here, and given to every node that has a game of theirs.
import type { Database } from '../../db/database.ts'
import { ControlError } from '../control/client.ts'
import type { Node } from '../control/nodes.ts'
import { placements } from '../games/store.ts'
import type { Placed, Services } from '../trpc.ts'

export async function listKeys(db: Database, user: string): Promise<string[]> {
  const rows = await db.selectFrom('ssh_keys').select('line').where('user_id', '=', user).orderBy('line').execute()
  return rows.map((row) => row.line)
}

/** Those that open anything: none while their person is banned. */
async function openingKeys(db: Database, user: string): Promise<string[]> {
  const banned = await db.selectFrom('bans').select('user_id').where('user_id', '=', user).executeTakeFirst()
  return banned ? [] : listKeys(db, user)
}

async function replaceKeys(db: Database, user: string, keys: string[]): Promise<void> {
  await db.transaction().execute(async (tx) => {
    await tx.selectFrom('user').select('id').where('id', '=', user).forNoKeyUpdate().execute() // one change at a time
    await tx.deleteFrom('ssh_keys').where('user_id', '=', user).execute()
    if (keys.length > 0)
      await tx
        .insertInto('ssh_keys')
        .values(keys.map((line) => ({ user_id: user, line })))
        .execute()
  })
}

/** Tells the nodes of all games of this creator which keys open them. `applied` is false when one of them did not answer. */
export async function pushKeys({ db, nodes }: Placed, user: string): Promise<{ applied: boolean; hasGames: boolean }> {
  const keys = await openingKeys(db, user)
  const places = await placements(db, user)
  const calls = [...places].map(([node, games]) => nodes.get(node).control.setKeys({ owner: user, games, keys }))
  const answers = await Promise.allSettled(calls)
  for (const answer of answers)
    if (answer.status === 'rejected' && !(answer.reason instanceof ControlError)) throw answer.reason
  return { applied: answers.every((answer) => answer.status === 'fulfilled'), hasGames: places.size > 0 }
}

/** A game of theirs has left the node: their keys open it only while it has another one. Best effort, as the next change tells it again. */
export async function withdrawKeys({ db }: Placed, user: string, node: Node): Promise<void> {
  const games = (await placements(db, user)).get(node.id) ?? []
  try {
    await node.control.setKeys({ owner: user, games, keys: games.length > 0 ? await openingKeys(db, user) : [] })
  } catch (error) {
    if (!(error instanceof ControlError)) throw error
  }
}

export async function setKeys(services: Services, user: string, keys: string[]) {
  await replaceKeys(services.db, user, [...new Set(keys)])
  const pushed = await pushKeys(services, user)
  return { keys: await listKeys(services.db, user), ...pushed }
}
