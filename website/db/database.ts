// The only way to Postgres. A server that goes away costs the queries under way, never the process.
import { Kysely, PostgresDialect, sql } from 'kysely'
import { DatabaseError, Pool, types } from 'pg'
import type { Tables } from './schema.ts'

export type Database = Kysely<Tables>

const CONNECT_TIMEOUT_MS = 3_000 // also the wait for a free connection of the pool
const STATEMENT_TIMEOUT_MS = 5_000
const LOCK_TIMEOUT_MS = 4_000 // less than a statement, so that the error names the lock
const IDLE_TRANSACTION_TIMEOUT_MS = 10_000

const INT8 = 20
const parsers = {
  // Counts and ids stay far below 2^53, and a string in their place is a bug waiting in every comparison.
  getTypeParser: ((oid: number, format?: 'text') =>
    oid === INT8 ? Number : types.getTypeParser(oid, format)) as typeof types.getTypeParser,
}

export interface DatabaseOptions {
  url: string
  /** Shown in pg_stat_activity. */
  name: string
  /** Connections at most. */
  max?: number
  connectTimeoutMs?: number
  statementTimeoutMs?: number
  lockTimeoutMs?: number
}

/** Opens a pool; connections are made when needed, so this neither waits nor fails. Close it with `destroy()`. */
export function openDatabase({ url, name, max = 10, ...options }: DatabaseOptions): Database {
  const pool = new Pool({
    connectionString: url,
    application_name: name,
    max,
    connectionTimeoutMillis: options.connectTimeoutMs ?? CONNECT_TIMEOUT_MS,
    statement_timeout: options.statementTimeoutMs ?? STATEMENT_TIMEOUT_MS,
    lock_timeout: options.lockTimeoutMs ?? LOCK_TIMEOUT_MS,
    idle_in_transaction_session_timeout: IDLE_TRANSACTION_TIMEOUT_MS,
    types: parsers,
  })
  // A lost connection is an event; without a listener it would end the process. The query that meets it says so to its caller.
  const ignore = () => {}
  pool.on('error', ignore)
  pool.on('connect', (client) => client.on('error', ignore))
  return new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) })
}

/** Resolves when the server answers; rejects as any query would. */
export async function ping(db: Database): Promise<void> {
  await sql`select 1`.execute(db)
}

/** `unreachable` and `busy` are worth another try, `invalid` never is (a value that Postgres cannot hold). */
export type DatabaseTrouble = 'unreachable' | 'busy' | 'invalid'

const SOCKET_TROUBLE = /^(ECONN|EPIPE|ENOENT|ETIMEDOUT|EHOST|ENET|ENOTFOUND|EAI_)/
const SERVER_TROUBLE: readonly [code: RegExp, trouble: DatabaseTrouble][] = [
  [/^(08|57P0|53)/, 'unreachable'], // connection exceptions, shutting down or starting up, out of resources
  [/^(57014|55P03|40001|40P01|25P03)$/, 'busy'], // statement or lock timeout, serialization, deadlock, idle too long
  [/^22/, 'invalid'],
]
// pg and pg-pool tell these apart only by text
const CLIENT_TROUBLE =
  /^(Connection terminated|timeout exceeded when trying to connect|Client has encountered|Query read timeout)/

/** What an error of a query means for the caller, undefined when it is not the database's. */
export function databaseTrouble(error: unknown): DatabaseTrouble | undefined {
  for (let at = error, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth++) {
    if (at instanceof DatabaseError)
      return SERVER_TROUBLE.find(([code]) => code.test((at as DatabaseError).code ?? ''))?.[1]
    if ('code' in at && typeof at.code === 'string' && 'syscall' in at && SOCKET_TROUBLE.test(at.code))
      return 'unreachable'
    if (CLIENT_TROUBLE.test(at.message)) return 'unreachable'
    if (at instanceof AggregateError && at.errors.some((inner) => databaseTrouble(inner))) return 'unreachable'
  }
  return undefined
}

const RETRY_MS = 500

/** Waits until the server answers. `onDown` is called once, with the reason, if it does not at first. */
export async function waitForDatabase(db: Database, signal: AbortSignal, onDown: (why: string) => void): Promise<void> {
  for (let told = false; ; told = true) {
    try {
      return await ping(db)
    } catch (error) {
      if (!told)
        onDown(error instanceof Error ? error.message || String((error as { code?: unknown }).code) : String(error))
    }
    signal.throwIfAborted()
    await new Promise<void>((resolve) => {
      const done = () => {
        clearTimeout(timer)
        signal.removeEventListener('abort', done)
        resolve()
      }
      const timer = setTimeout(done, RETRY_MS)
      signal.addEventListener('abort', done)
    })
    signal.throwIfAborted()
  }
}
