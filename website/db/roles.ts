// What each process may do in Postgres, and nothing beyond it. Neither role owns anything, so neither can change the schema.
import { sql } from 'kysely'
import type { Database } from './database.ts'

export const ROLES = { website: 'sandlot_website', bridge: 'sandlot_bridge' } as const
export type Role = keyof typeof ROLES

const ALL = 'select, insert, update, delete'

/** Privileges on tables, as they stand after `GRANT`. */
const GRANTS: Record<Role, Record<string, string>> = {
  website: {
    '"user"': ALL,
    session: ALL,
    account: ALL,
    verification: ALL,
    '"rateLimit"': ALL,
    bans: 'select, insert, delete',
    nodes: 'select, insert, update',
    games: ALL,
    rooms: 'select, insert, update, delete',
    seats: ALL,
    logs: 'select',
    ssh_keys: ALL,
    node_keys: 'select, insert, update',
  },
  // The sandbox's arm: it learns which rooms and games are placed where, and no account at all.
  bridge: {
    games: `select (id, node_id),
      update (title, description, min_players, max_players, tick_rate, build, updated_at)`,
    rooms: 'select (id, game_id, node_id, state, ended_at, end_reason), update (state, ended_at, end_reason, result)',
    seats: 'select (player_id, room_id, state), update (state)',
    reports: 'select, insert (key, seq, node_id), delete',
    store: ALL,
    logs: 'select (id, game_id), insert (game_id, room_id, text, at), delete',
  },
}

/**
 * How long one statement, one wait for a lock and one idle transaction may last. The pools ask for the same or less (database.ts); this
 * holds for whoever else comes by with the password.
 */
const TIMEOUTS = { statement_timeout: '5s', lock_timeout: '4s', idle_in_transaction_session_timeout: '10s' }

/** Makes the roles where they are missing. They are shared by all databases of a server, so another one may be making them now. */
export async function createRoles(db: Database): Promise<void> {
  for (const role of Object.values(ROLES)) {
    const name = sql.id(role)
    await sql`
      do ${sql.lit(`begin create role ${role} login nosuperuser nocreatedb nocreaterole noinherit; exception when duplicate_object or unique_violation then null; end`)}
    `.execute(db)
    await sql`grant usage on schema public to ${name}`.execute(db)
  }
}

/** Brings the privileges of both roles in this database to exactly GRANTS, in one transaction. Run it as the tables' owner. */
export async function grantAccess(db: Database): Promise<void> {
  await db.transaction().execute(async (tx) => {
    const { rows } = await sql<{ name: string }>`select current_database() as name`.execute(tx)
    const database = sql.id(rows[0]!.name)
    await sql`revoke all on database ${database} from public`.execute(tx) // else any role could fill the disk with temporary tables
    for (const [role, grants] of Object.entries(GRANTS) as [Role, Record<string, string>][]) {
      const name = sql.id(ROLES[role])
      await sql`grant connect on database ${database} to ${name}`.execute(tx)
      for (const [setting, value] of Object.entries(TIMEOUTS))
        await sql`alter role ${name} in database ${database} set ${sql.raw(setting)} = ${sql.lit(value)}`.execute(tx)
      await sql`revoke all on all tables in schema public from ${name}`.execute(tx)
      for (const [table, privileges] of Object.entries(grants))
        await sql.raw(`grant ${privileges} on ${table} to ${ROLES[role]}`).execute(tx)
    }
  })
}

/** Gives a role a new password. Open connections stay. */
export async function setPassword(db: Database, role: Role, password: string): Promise<void> {
  await sql`alter role ${sql.id(ROLES[role])} password ${sql.lit(password)}`.execute(db)
}
