// The one Postgres server of a test run, and the migrated database in it that test files clone.
import { createHash, randomBytes } from 'node:crypto'
import { mkdir, open, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { sql } from 'kysely'
import { openDatabase } from '../db/database.ts'
import { startPostgres } from '../db/embedded.ts'
import { type Passwords, prepareDatabase } from '../db/prepare.ts'

const START_TIMEOUT_MS = 50_000
const POLL_MS = 25

/** `template` is the migrated database, `passwords` those of the two roles. */
export interface TestServer {
  ownerUrl: string
  template: string
  passwords: Passwords
}

/** The same in every run, because runs that share a server through DATABASE_URL share its roles too. */
const derive = (secret: string): Passwords => {
  const digest = (role: string) => createHash('sha256').update(`${role}\0${secret}`).digest('base64url')
  return { website: digest('website'), bridge: digest('bridge') }
}

async function start(folder: string): Promise<TestServer> {
  const given = process.env.DATABASE_URL
  const ownerUrl =
    given ??
    (
      await startPostgres({
        folder: join(folder, 'postgres'),
        detached: true, // it serves the other test processes too; setup.ts stops it
        settings: { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off', max_connections: '200' },
      })
    ).url
  const template = `sandlot_template_${randomBytes(6).toString('hex')}`
  const db = openDatabase({ url: ownerUrl, name: 'sandlot-test-start', max: 1 })
  try {
    await sql`create database ${sql.id(template)}`.execute(db)
  } finally {
    await db.destroy()
  }
  const passwords = derive(ownerUrl)
  await prepareDatabase(databaseUrl(ownerUrl, template), passwords)
  return { ownerUrl, template, passwords }
}

/** The server of this run: started by whoever asks first, in whichever process. */
export async function testServer(folder: string): Promise<TestServer> {
  const file = join(folder, 'server.json')
  await mkdir(folder, { recursive: true })
  const first = await open(join(folder, 'starting'), 'wx').catch(() => undefined)
  if (first) {
    await first.close()
    let answer: TestServer | { error: string }
    try {
      answer = await start(folder)
    } catch (error) {
      answer = { error: error instanceof Error ? error.message : String(error) }
    }
    await writeFile(`${file}.new`, JSON.stringify(answer), { mode: 0o600 })
    await rename(`${file}.new`, file)
  }
  for (const until = Date.now() + START_TIMEOUT_MS; Date.now() < until; await delay(POLL_MS)) {
    const text = await readFile(file, 'utf8').catch(() => undefined)
    if (!text) continue
    const answer = JSON.parse(text) as TestServer | { error: string }
    if ('error' in answer) throw new Error(`The tests need Postgres: ${answer.error}`)
    return answer
  }
  throw new Error(`The tests' Postgres was not ready within ${START_TIMEOUT_MS / 1000} s`)
}

/** Leaves no trace in a server that was there before us. */
export async function dropTemplate(folder: string): Promise<void> {
  const text = await readFile(join(folder, 'server.json'), 'utf8').catch(() => undefined)
  if (!text || !process.env.DATABASE_URL) return
  const { ownerUrl, template } = JSON.parse(text) as Partial<TestServer>
  if (!ownerUrl || !template) return
  const db = openDatabase({ url: ownerUrl, name: 'sandlot-test-end', max: 1 })
  await sql`drop database if exists ${sql.id(template)}`.execute(db)
  await db.destroy()
}

/** The address of another database of the same server. */
export function databaseUrl(url: string, name: string): string {
  const other = new URL(url)
  other.pathname = `/${name}`
  return other.href
}
