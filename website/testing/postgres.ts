// A real, migrated Postgres database of its own for a test file: `await using db = await testDatabase()`.
// It is dropped at the end of the file, which fails if anything is still connected; when a test failed it is kept and named.
import { randomBytes } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { sql } from 'kysely'
import { afterAll, inject } from 'vitest'
import { type Database, openDatabase } from '../db/database.ts'
import { urlFor } from '../db/prepare.ts'
import { grantAccess } from '../db/roles.ts'
import { databaseUrl, type TestServer, testServer } from './server.ts'

const PATIENCE_MS = 30_000 // of a machine that is busy with other things

export interface TestDatabase extends AsyncDisposable {
  name: string
  ownerUrl: string
  websiteUrl: string
  bridgeUrl: string
  /** Pools with the rights of the owner and of the two roles. */
  owner: Database
  website: Database
  bridge: Database
  /** A pool that is closed with the others. */
  open(url: string, max?: number): Database
}

const made: { name: string; server: TestServer; close: () => Promise<void> }[] = []

async function administer(server: TestServer, work: (db: Database) => Promise<unknown>): Promise<void> {
  const db = openDatabase({ url: server.ownerUrl, name: 'sandlot-test', max: 1, statementTimeoutMs: PATIENCE_MS })
  try {
    await work(db)
  } finally {
    await db.destroy()
  }
}

// biome-ignore lint/correctness/noEmptyPattern: vitest wants the context destructured
afterAll(async ({}, file) => {
  const failed = file.tasks.some(function fails(task): boolean {
    return task.result?.state === 'fail' || (task.type === 'suite' && task.tasks.some(fails))
  })
  for (const { name, server, close } of made.splice(0)) {
    await close()
    if (!failed) await administer(server, (db) => sql`drop database ${sql.id(name)}`.execute(db))
    else {
      const folder = inject('databaseFolder')
      await writeFile(join(folder, 'kept'), '')
      const how = process.env.DATABASE_URL ? '' : `; open it with: node website/testing/main.ts ${folder}/postgres`
      process.stderr.write(`Kept the database ${name} of the failed test${how}\n`)
    }
  }
})

/** A fresh clone of the migrated template. Closing it closes its pools. */
export async function testDatabase(): Promise<TestDatabase> {
  const server = await testServer(inject('databaseFolder'))
  const name = `sandlot_test_${randomBytes(6).toString('hex')}`
  await administer(server, (db) => sql`create database ${sql.id(name)} template ${sql.id(server.template)}`.execute(db))
  const pools: Database[] = []
  const close = async () => {
    await Promise.all(pools.splice(0).map((pool) => pool.destroy()))
  }
  made.push({ name, server, close })
  const open = (url: string, max = 10) => {
    const pool = openDatabase({ url, name: 'sandlot-test', max, connectTimeoutMs: PATIENCE_MS })
    pools.push(pool)
    return pool
  }
  const ownerUrl = databaseUrl(server.ownerUrl, name)
  const websiteUrl = urlFor(ownerUrl, 'website', server.passwords.website)
  const bridgeUrl = urlFor(ownerUrl, 'bridge', server.passwords.bridge)
  const owner = open(ownerUrl)
  await grantAccess(owner) // privileges on a database itself are not cloned
  return {
    name,
    ownerUrl,
    websiteUrl,
    bridgeUrl,
    owner,
    website: open(websiteUrl),
    bridge: open(bridgeUrl),
    open,
    [Symbol.asyncDispose]: close,
  }
}
