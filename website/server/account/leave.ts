// Somebody deletes their account: first their games on every node, then themselves, so that no game is left without an owner.
import type { Database } from '../../db/database.ts'
import { ControlError } from '../control/client.ts'
import { takeAway } from '../games/games.ts'
import { placements } from '../games/store.ts'
import { withdrawKeys } from '../studio/keys.ts'
import type { Placed } from '../trpc.ts'

const ANSWER_TIMEOUT_MS = 2_000 // a node that is slower than this is not asked to remove anything
const MAX_TRIES = 3 // while the same person makes games in another window

/** `removed`: how many of their games are gone although it did not work. The account and every other game are as they were. */
export type Leaving = { ok: true } | { ok: false; reason: 'node-away'; removed: number }

/**
 * Removes an account with its sessions, keys, seats and games, their files included. While a node of theirs is away nothing is removed;
 * one that goes away in between leaves whole games, and the next try goes on with those.
 */
export async function leave(placed: Placed, user: string): Promise<Leaving> {
  const { db, nodes } = placed
  let removed = 0
  for (let attempt = 1; attempt <= MAX_TRIES; attempt++) {
    const mine = [...(await placements(db, user))].map(([id, games]) => ({ node: nodes.get(id), games }))
    try {
      await Promise.all(mine.map(({ node }) => node.control.listGames(ANSWER_TIMEOUT_MS)))
      for (const { node, games } of mine) {
        for (const id of games) {
          if (!(await takeAway(db, { id, node }))) return { ok: false, reason: 'node-away', removed }
          removed++
        }
        await withdrawKeys(placed, user, node)
      }
    } catch (error) {
      if (!(error instanceof ControlError)) throw error
      return { ok: false, reason: 'node-away', removed }
    }
    if (await deletePerson(db, user)) return { ok: true }
  }
  throw new Error('This person makes games faster than they can be removed')
}

/** Everything that hangs on the row goes with it. False: they own a game. */
function deletePerson(db: Database, user: string): Promise<boolean> {
  return db.transaction().execute(async (tx) => {
    await tx.selectFrom('user').select('id').where('id', '=', user).forUpdate().execute() // who makes a game waits for this
    const game = await tx.selectFrom('games').select('id').where('owner_id', '=', user).limit(1).executeTakeFirst()
    if (game) return false
    await tx.deleteFrom('user').where('id', '=', user).execute()
    return true
  })
}
