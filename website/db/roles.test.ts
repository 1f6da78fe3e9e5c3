import { sql } from 'kysely'
import { Client } from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type TestDatabase, testDatabase } from '../testing/postgres.ts'
import type { Database } from './database.ts'

let db: TestDatabase
beforeAll(async () => {
  db = await testDatabase()
  await sql`insert into "user" (id, name, email, "emailVerified") values ('u1', 'Ada', 'ada@example.test', false)`.execute(
    db.owner,
  )
  await sql`insert into nodes values ('n1', 'http://control.test', 'http://play.test')`.execute(db.owner)
  await sql`insert into games (id, owner_id, node_id, title) values ('pong', 'u1', 'n1', 'Pong')`.execute(db.owner)
})
afterAll(() => db[Symbol.asyncDispose]())

const run = (pool: Database, text: string) => sql.raw(text).execute(pool)
const denied = (pool: Database, text: string) =>
  expect(run(pool, text), text).rejects.toThrow(/permission denied|must be owner/)

describe.concurrent.each(['bridge', 'website'] as const)('a %s connection that asks for no limits', (role) => {
  const table = role === 'bridge' ? 'store' : 'ssh_keys'
  const connect = async () => {
    const client = new Client({ connectionString: role === 'bridge' ? db.bridgeUrl : db.websiteUrl })
    await client.connect()
    return Object.assign(client, { [Symbol.asyncDispose]: () => client.end() })
  }

  it('has those of its role', async () => {
    await using client = await connect()
    const { rows } = await client.query<{ name: string; setting: string }>(
      `select name, setting from pg_settings where name ~ '^(statement|lock|idle_in_transaction_session)_timeout$'`,
    )
    expect(Object.fromEntries(rows.map(({ name, setting }) => [name, Number(setting)]))).toEqual({
      statement_timeout: 5_000,
      lock_timeout: 4_000,
      idle_in_transaction_session_timeout: 10_000,
    })
  })

  it('sleeps and waits for a lock no longer than that, and works on', async () => {
    await using sleeper = await connect()
    await using waiter = await connect()
    await db.owner.transaction().execute(async (holder) => {
      await sql`lock table ${sql.table(table)} in access exclusive mode`.execute(holder)
      await Promise.all([
        expect(sleeper.query('select pg_sleep(60)')).rejects.toMatchObject({ code: '57014' }),
        expect(waiter.query(`delete from ${table} where false`)).rejects.toMatchObject({ code: '55P03' }),
      ])
    })
    await sleeper.query('select pg_sleep(0)')
    await waiter.query(`delete from ${table} where false`)
  })
})

describe('the bridge role', () => {
  it.each([
    'select id from "user"',
    'select token from session',
    'select password from account',
    'select value from verification',
    'select line from ssh_keys',
    'select user_id from bans',
    'select control_url from nodes',
    'select owner_id from games',
    'select user_id from seats',
    'select name from seats',
  ])('cannot read accounts: %s', (text) => denied(db.bridge, text))

  it.each([
    `update games set owner_id = 'u2'`,
    `insert into bans (user_id, why) values ('u1', '')`,
    `delete from bans`,
    `update games set node_id = 'n2'`,
    `delete from games`,
    `insert into games (id, owner_id, node_id, title) values ('x', 'u1', 'n1', 'X')`,
    `update seats set user_id = 'u2'`,
    `update rooms set max_players = 999`,
    `delete from rooms`,
  ])('cannot change what the website decides: %s', (text) => denied(db.bridge, text))

  it.each([
    'drop table games',
    'create table t (a int)',
    'create temporary table t (a int)',
    'alter table games add column x int',
    'truncate store',
    'create role evil',
    'alter role sandlot_bridge superuser',
    `copy games to program 'true'`,
    `select pg_read_file('/etc/passwd')`,
    'set role sandlot_website',
  ])('cannot change the schema or leave the database: %s', (text) => denied(db.bridge, text))

  it('can do what its procedures need', async () => {
    await run(db.bridge, `select id, node_id from games`)
    await run(db.bridge, `update games set title = 'Ping', build = null where id = 'pong'`)
    await run(db.bridge, `insert into reports (key, seq, node_id) values ('k1', 1, 'n1') on conflict do nothing`)
    await run(db.bridge, `insert into store (game_id, name, value, bytes) values ('pong', 'best', '1', 1)`)
    await run(db.bridge, `insert into logs (game_id, text, at) values ('pong', 'hello', now())`)
    await run(db.bridge, `delete from logs where id in (select id from logs where game_id = 'pong')`)
    const { rows } = await sql`select title from games`.execute(db.owner)
    expect(rows).toEqual([{ title: 'Ping' }])
  })
})

describe('the website role', () => {
  it.each([
    'drop table games',
    'create table t (a int)',
    'alter table "user" add column x int',
    'truncate games',
    `insert into store (game_id, name, value, bytes) values ('pong', 'x', '1', 1)`,
    'select * from reports',
    `update logs set text = ''`,
    'set role sandlot_owner',
  ])('cannot change the schema or what nodes report: %s', (text) => denied(db.website, text))

  it('can keep accounts and games', async () => {
    await run(db.website, `update "user" set name = 'Ada L' where id = 'u1'`)
    await run(db.website, `insert into bans (user_id, why) values ('u1', 'spam')`)
    await run(db.website, `delete from bans where user_id = 'u1'`)
    await run(db.website, `select text from logs`)
    await run(db.website, `update games set title = 'Pong' where id = 'pong'`)
  })
})
