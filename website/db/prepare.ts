// Brings a database to where this version of Sandlot needs it. Any number of processes may do so at once.
import { randomBytes } from 'node:crypto'
import { readdir } from 'node:fs/promises'
import { sql } from 'kysely'
import { type Migration, Migrator } from 'kysely/migration'
import { type Database, openDatabase } from './database.ts'
import { createRoles, grantAccess, ROLES, type Role, setPassword } from './roles.ts'

const FOLDER = new URL('./migrations/', import.meta.url)
const LOCK = 7_263_001 // any number; the advisory lock that serialises preparation of one database
const MIGRATION_TIMEOUT_MS = 10 * 60_000 // rewriting a large table takes its time, and so does waiting for one who does

async function migrations(): Promise<Record<string, Migration>> {
  const found: Record<string, Migration> = {}
  for (const file of await readdir(FOLDER)) {
    if (file.endsWith('.ts')) found[file.slice(0, -3)] = await import(new URL(file, FOLDER).href)
  }
  return found
}

/** Runs `work` while no other process prepares this database. */
async function alone(db: Database, work: (session: Database) => Promise<void>): Promise<void> {
  await db.connection().execute(async (session) => {
    await sql`select pg_advisory_lock(${LOCK})`.execute(session)
    try {
      await work(session)
    } finally {
      await sql`select pg_advisory_unlock(${LOCK})`.execute(session)
    }
  })
}

/** Runs the migrations that are missing, then sets roles and privileges. Throws with the migration's name when one fails. */
async function migrate(session: Database): Promise<void> {
  const migrator = new Migrator({ db: session, provider: { getMigrations: migrations } })
  const { error, results } = await migrator.migrateToLatest()
  const failed = results?.find((result) => result.status === 'Error')
  if (error) throw new Error(`The migration ${failed?.migrationName ?? 'plan'} failed`, { cause: error })
  await createRoles(session)
  await grantAccess(session)
}

export type Passwords = Record<Role, string>
const newPasswords = (): Passwords => ({
  website: randomBytes(24).toString('base64url'),
  bridge: randomBytes(24).toString('base64url'),
})

/** The address of the same database for another role. */
export function urlFor(ownerUrl: string, role: Role, password: string): string {
  const url = new URL(ownerUrl)
  url.username = ROLES[role]
  url.password = password
  return url.href
}

/**
 * Migrates the database at `ownerUrl` (an owner who may create roles) and gives both roles new passwords, random unless given.
 * Answers the addresses that website and bridge connect with.
 */
export async function prepareDatabase(
  ownerUrl: string,
  passwords: Passwords = newPasswords(),
): Promise<{ websiteUrl: string; bridgeUrl: string }> {
  await asOwner(ownerUrl, async (session) => {
    await migrate(session)
    await setPassword(session, 'website', passwords.website)
    await setPassword(session, 'bridge', passwords.bridge)
  })
  return {
    websiteUrl: urlFor(ownerUrl, 'website', passwords.website),
    bridgeUrl: urlFor(ownerUrl, 'bridge', passwords.bridge),
  }
}

/** Migrates, and gives nobody a password: for a server that knows processes by their users. */
export const migrateDatabase = (ownerUrl: string): Promise<void> => asOwner(ownerUrl, migrate)

async function asOwner(url: string, work: (session: Database) => Promise<void>): Promise<void> {
  const db = openDatabase({
    url,
    name: 'sandlot-prepare',
    max: 2,
    statementTimeoutMs: MIGRATION_TIMEOUT_MS,
    lockTimeoutMs: MIGRATION_TIMEOUT_MS,
  })
  try {
    await alone(db, work)
  } finally {
    await db.destroy()
  }
}
