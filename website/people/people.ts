// Whom an operator means, and what they are told of them.
import { sql } from 'kysely'
import type { Database } from '../db/database.ts'

const MAX_FOUND = 50

export interface Someone {
  id: string
  name: string
  email: string
}

/** In any case of its letters, as at sign-in. Throws an Error for the operator when there is nobody. */
export async function byEmail(db: Database, email: string): Promise<Someone> {
  const row = await db
    .selectFrom('user')
    .select(['id', 'name', 'email'])
    .where(sql`lower(email)`, '=', email.toLowerCase())
    .executeTakeFirst()
  if (!row) throw new Error(`There is no account with the e-mail ${email}. Look for it: sandlot-people find NAME`)
  return row
}

/** A line for each account that has `word` in its name or e-mail, or owns the game of this id; at most 50. */
export async function find(db: Database, word: string): Promise<string[]> {
  const pattern = `%${word.replace(/[\\%_]/g, '\\$&')}%`
  const rows = await db
    .selectFrom('user')
    .leftJoin('bans', 'bans.user_id', 'user.id')
    .select(['name', 'email', 'createdAt', 'why'])
    .select((row) =>
      row
        .selectFrom('games')
        .select((game) => sql<string | null>`string_agg(${game.ref('id')}, ' ' order by ${game.ref('id')})`.as('all'))
        .whereRef('owner_id', '=', 'user.id')
        .as('games'),
    )
    .where(sql<boolean>`"isAnonymous" is not true`) // a guest has no e-mail and no games
    .where((row) =>
      row.or([
        row('name', 'ilike', pattern),
        row('email', 'ilike', pattern),
        row.exists(
          row.selectFrom('games').select('id').where('games.id', '=', word).whereRef('owner_id', '=', 'user.id'),
        ),
      ]),
    )
    .orderBy('email')
    .limit(MAX_FOUND)
    .execute()
  return rows.map(({ name, email, createdAt, games, why }) =>
    [
      email,
      JSON.stringify(name), // its spaces and quotes are to be seen
      `since ${createdAt.toISOString().slice(0, 10)}`,
      games ? `games: ${games}` : 'no games',
      ...(why === null ? [] : [`BANNED${why === '' ? '' : `: ${why}`}`]),
    ].join('  '),
  )
}
