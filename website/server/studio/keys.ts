// A creator's SSH keys: kept here, and told to every node that has a game of theirs, again and again until it has heard the newest.
import { sql } from 'kysely'
import type { Database } from '../../db/database.ts'
import { ControlError } from '../control/client.ts'
import type { Node } from '../control/nodes.ts'
import { placements } from '../games/store.ts'
import type { Placed } from '../trpc.ts'

const RETRY_S = 10 // so long after a try, a node that did not answer is told again
const FULL_S = 600 // the same for one that has no room for another creator
const AT_ONCE = 100 // of those that are told again

type Outcome = 'told' | 'unreachable' | 'full'

export async function listKeys(db: Database, user: string): Promise<string[]> {
  const rows = await db.selectFrom('ssh_keys').select('line').where('user_id', '=', user).orderBy('line').execute()
  return rows.map((row) => row.line)
}

/** Those that open anything: none while their person is banned. */
async function openingKeys(db: Database, user: string): Promise<string[]> {
  const banned = await db.selectFrom('bans').select('user_id').where('user_id', '=', user).executeTakeFirst()
  return banned ? [] : listKeys(db, user)
}

/** One at a time for each creator: what is read within is not older than any number that was given out before. */
const oneAtATime = <T>(db: Database, user: string, act: (tx: Database) => Promise<T>): Promise<T> =>
  db.transaction().execute(async (tx) => {
    await tx.selectFrom('user').select('id').where('id', '=', user).forNoKeyUpdate().execute()
    return act(tx)
  })

async function replaceKeys(tx: Database, user: string, keys: string[]): Promise<void> {
  await tx.deleteFrom('ssh_keys').where('user_id', '=', user).execute()
  if (keys.length > 0)
    await tx
      .insertInto('ssh_keys')
      .values(keys.map((line) => ({ user_id: user, line })))
      .execute()
}

/** Notes that these nodes have not heard the newest. A number grows with each change, also over a backup that is put back. */
async function note(tx: Database, user: string, nodes: string[]): Promise<void> {
  if (nodes.length === 0) return
  const version = sql<number>`(extract(epoch from clock_timestamp()) * 1000)::bigint`
  const try_at = sql<Date>`now() + make_interval(secs => ${sql.lit(RETRY_S)})` // they are about to be told
  await tx
    .insertInto('node_keys')
    .values(nodes.map((node_id) => ({ user_id: user, node_id, version, try_at })))
    .onConflict((conflict) =>
      conflict.columns(['user_id', 'node_id']).doUpdateSet({
        version: sql<number>`greatest(node_keys.version + 1, excluded.version)`,
        told: false,
        try_at,
      }),
    )
    .execute()
}

/** Tells one node what opens the creator's games there. A word that comes late is known by its number and does no harm. */
async function tell({ db, nodes }: Placed, user: string, node: string): Promise<Outcome> {
  const news = await oneAtATime(db, user, async (tx) => ({
    row: await tx
      .selectFrom('node_keys')
      .select('version')
      .where('user_id', '=', user)
      .where('node_id', '=', node)
      .executeTakeFirst(),
    games: (await placements(tx, user)).get(node) ?? [],
    keys: await openingKeys(tx, user),
  }))
  const { row, games } = news
  if (!row) return 'told' // the creator is no more
  try {
    const keys = games.length > 0 ? news.keys : []
    const answer = await nodes.get(node).control.setKeys({ owner: user, games, keys, version: row.version })
    const heard = answer.ok ? { told: true } : { try_at: sql<Date>`now() + make_interval(secs => ${sql.lit(FULL_S)})` }
    await db
      .updateTable('node_keys')
      .set(heard)
      .where('user_id', '=', user)
      .where('node_id', '=', node)
      .where('version', '=', row.version)
      .execute()
    return answer.ok ? 'told' : 'full'
  } catch (error) {
    if (error instanceof ControlError) return 'unreachable'
    throw error
  }
}

async function tellAll(services: Placed, user: string, nodes: string[]) {
  const outcomes = await Promise.all(nodes.map((node) => tell(services, user, node)))
  return {
    applied: outcomes.every((outcome) => outcome === 'told'),
    isFull: outcomes.includes('full'),
    hasGames: nodes.length > 0,
  }
}

/** Tells the nodes of all games of this creator which keys open them. */
export async function pushKeys(services: Placed, user: string): ReturnType<typeof tellAll> {
  const nodes = await oneAtATime(services.db, user, async (tx) => {
    const places = [...(await placements(tx, user)).keys()]
    await note(tx, user, places)
    return places
  })
  return tellAll(services, user, nodes)
}

/** A game of theirs has left the node: their keys open it only while it has another one. */
export async function withdrawKeys(services: Placed, user: string, node: Node): Promise<void> {
  await oneAtATime(services.db, user, (tx) => note(tx, user, [node.id]))
  await tell(services, user, node.id)
}

export async function setKeys(services: Placed, user: string, keys: string[]) {
  const nodes = await oneAtATime(services.db, user, async (tx) => {
    await replaceKeys(tx, user, [...new Set(keys)])
    const places = [...(await placements(tx, user)).keys()]
    await note(tx, user, places)
    return places
  })
  const told = await tellAll(services, user, nodes)
  return { keys: await listKeys(services.db, user), ...told }
}

/**
 * All nodes are told all again, by whoever calls `tellLate`. For the start of a process: since the last one a node may have been replaced or
 * put back to an earlier night, or this database may have been, or a node has come to want to know what those before it did not keep.
 */
export async function tellAgain(db: Database): Promise<void> {
  await db.updateTable('node_keys').set({ told: false, try_at: sql<Date>`now()` }).where('told', '=', true).execute()
}

/**
 * Tells nodes that have not heard the newest, a while after the last try. Any number of processes may do so at once; a node that does not
 * answer is asked once a round, however many creators wait for it.
 */
export async function tellLate(services: Placed): Promise<void> {
  const { db, nodes } = services
  const away = new Set<string>()
  let left = nodes.all.map((node) => node.id)
  while (left.length > 0) {
    const late = db
      .selectFrom('node_keys')
      .select(['user_id', 'node_id'])
      .where('told', '=', false)
      .where('try_at', '<=', sql<Date>`now()`)
      .where('node_id', 'in', left)
      .orderBy('try_at')
      .limit(AT_ONCE)
      .forUpdate()
      .skipLocked()
    const claimed = await db
      .updateTable('node_keys')
      .set({ try_at: sql<Date>`now() + make_interval(secs => ${sql.lit(RETRY_S)})` })
      .where((row) => row(row.refTuple('user_id', 'node_id'), 'in', late.$asTuple('user_id', 'node_id')))
      .returning(['user_id', 'node_id'])
      .execute()
    for (const { user_id, node_id } of claimed)
      if (!away.has(node_id) && (await tell(services, user_id, node_id)) === 'unreachable') away.add(node_id)
    if (claimed.length < AT_ONCE) return
    left = left.filter((node) => !away.has(node))
  }
}
