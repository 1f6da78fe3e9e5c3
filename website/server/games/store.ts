// Games in the database. What pages may see of a game is one column list.
import type { ExpressionBuilder, InferResult } from 'kysely'
import type { Database } from '../../db/database.ts'
import type { Tables } from '../../db/schema.ts'
import type { PublicGame } from './shapes.ts'
import { slug } from './slug.ts'

export const MAX_GAMES_PER_CREATOR = 100
const MAX_NAME_TRIES = 50 // past this many games of one title, the creator finds a better one

/** The game's creator is not banned: for nobody else is there a game of somebody who is. */
export const isOpen = (row: ExpressionBuilder<Tables, 'games'>) =>
  row.not(row.exists(row.selectFrom('bans').select('user_id').whereRef('user_id', '=', 'games.owner_id')))

/** A row for `publicGame`; `owner_id` and `node_id` stay on this side. */
const publicRows = (db: Database) =>
  db
    .selectFrom('games')
    .innerJoin('user', 'user.id', 'games.owner_id')
    .select(['games.id', 'games.title', 'games.description', 'games.updated_at', 'games.build'])
    .select(['games.owner_id', 'games.node_id', 'games.min_players', 'games.max_players', 'user.name as creator'])
    .select((row) =>
      row
        .selectFrom('seats')
        .innerJoin('rooms', 'rooms.id', 'seats.room_id')
        .whereRef('rooms.game_id', '=', 'games.id')
        .where('rooms.state', '<>', 'ended')
        .where('seats.state', '=', 'taken')
        .select((seat) => seat.fn.countAll<number>().as('count'))
        .as('playing'),
    )
export type GameRow = InferResult<ReturnType<typeof publicRows>>[number]

export const toPublic = (row: GameRow): PublicGame => ({
  id: row.id,
  title: row.title,
  description: row.description,
  creator: row.creator,
  minPlayers: row.min_players,
  maxPlayers: row.max_players,
  playing: row.playing ?? 0,
  playable: row.build !== null,
  updatedAt: row.updated_at.toISOString(),
})

/** Games with a good build whose title or description has `search` in it, most played first. */
export async function listGames(
  db: Database,
  { search, limit, cursor }: { search: string; limit: number; cursor: number },
) {
  const pattern = `%${search.replace(/[\\%_]/g, '\\$&')}%`
  const rows = await publicRows(db)
    .where('games.build', 'is not', null)
    .where(isOpen)
    .$if(search !== '', (query) =>
      query.where((row) => row.or([row('games.title', 'ilike', pattern), row('games.description', 'ilike', pattern)])),
    )
    .orderBy('playing', 'desc')
    .orderBy('games.updated_at', 'desc')
    .orderBy('games.id')
    .offset(cursor)
    .limit(limit + 1)
    .execute()
  return { games: rows.slice(0, limit).map(toPublic), next: rows.length > limit ? cursor + limit : null }
}

export const findGame = (db: Database, id: string): Promise<GameRow | undefined> =>
  publicRows(db).where('games.id', '=', id).where(isOpen).executeTakeFirst()

export const gamesOf = (db: Database, owner: string): Promise<GameRow[]> =>
  publicRows(db).where('games.owner_id', '=', owner).orderBy('games.updated_at', 'desc').orderBy('games.id').execute()

/** Who owns a game and where it is placed. */
export const ownedGame = (db: Database, id: string) =>
  db.selectFrom('games').select(['id', 'owner_id', 'node_id']).where('id', '=', id).executeTakeFirst()

export async function openRooms(db: Database, game: string): Promise<number> {
  const { count } = await db
    .selectFrom('rooms')
    .select((row) => row.fn.countAll<number>().as('count'))
    .where('game_id', '=', game)
    .where('state', '=', 'open')
    .executeTakeFirstOrThrow()
  return count
}

/** Places a new game on the node with the fewest games. Undefined when the creator has as many as one may have. */
export async function insertGame(
  db: Database,
  { owner, title, nodes }: { owner: string; title: string; nodes: string[] },
): Promise<{ id: string; node: string } | undefined> {
  return db.transaction().execute(async (tx) => {
    // Locks the creator, so that two requests at once cannot each find one place left.
    await tx.selectFrom('user').select('id').where('id', '=', owner).forNoKeyUpdate().execute()
    const mine = tx
      .selectFrom('games')
      .select((row) => row.fn.countAll<number>().as('count'))
      .where('owner_id', '=', owner)
    if ((await mine.executeTakeFirstOrThrow()).count >= MAX_GAMES_PER_CREATOR) return undefined
    const { node } = await tx
      .selectFrom('nodes')
      .leftJoin('games', 'games.node_id', 'nodes.id')
      .where('nodes.id', 'in', nodes)
      .select('nodes.id as node')
      .groupBy('nodes.id')
      .orderBy((row) => row.fn.count('games.id'))
      .orderBy('nodes.id')
      .limit(1)
      .executeTakeFirstOrThrow()
    for (let n = 1; n <= MAX_NAME_TRIES; n++) {
      const row = await tx
        .insertInto('games')
        .values({ id: slug(title, n), owner_id: owner, node_id: node, title })
        .onConflict((conflict) => conflict.column('id').doNothing())
        .returning('id')
        .executeTakeFirst()
      if (row) return { id: row.id, node }
    }
    return undefined
  })
}

/** Removes a game with its rooms, seats, store and logs. */
export async function deleteGame(db: Database, id: string): Promise<void> {
  await db.deleteFrom('games').where('id', '=', id).execute()
}

/** The names of a creator's games on each node. */
export async function placements(db: Database, owner: string): Promise<Map<string, string[]>> {
  const rows = await db
    .selectFrom('games')
    .select(['id', 'node_id'])
    .where('owner_id', '=', owner)
    .orderBy('id')
    .execute()
  const byNode = new Map<string, string[]>()
  for (const { id, node_id } of rows) byNode.set(node_id, [...(byNode.get(node_id) ?? []), id])
  return byNode
}
