import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { databaseTrouble, openDatabase, ping, waitForDatabase } from './database.ts'
import { type Postgres, startPostgres, stopPostgres } from './embedded.ts'
import { prepareDatabase } from './prepare.ts'

const settings = { fsync: 'off' }
let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sandlot-postgres-'))
})
afterAll(async () => {
  await stopPostgres(folder)
  await rm(folder, { recursive: true, force: true })
})

const alive = (pid: number) => {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

it('what was written is there after a stop and a start, and after each start the roles have new passwords', async () => {
  const first = await startPostgres({ folder, settings })
  const before = await prepareDatabase(first.url)
  const writer = openDatabase({ url: before.websiteUrl, name: 'test' })
  await writer.insertInto('nodes').values({ id: 'n1', control_url: 'http://c', play_url: 'http://p' }).execute()
  await writer.destroy()
  await first.stop()
  expect(alive(first.pid)).toBe(false)

  await using second = await startPostgres({ folder, settings })
  const after = await prepareDatabase(second.url)
  const reader = openDatabase({ url: after.websiteUrl, name: 'test' })
  const stale = new URL(after.websiteUrl)
  stale.password = new URL(before.websiteUrl).password
  const refused = openDatabase({ url: stale.href, name: 'test' })
  try {
    expect(await reader.selectFrom('nodes').select('id').execute()).toEqual([{ id: 'n1' }])
    await expect(ping(refused)).rejects.toThrow(/password authentication failed/)
  } finally {
    await Promise.all([reader.destroy(), refused.destroy()])
  }
})

it('the password file and the data are for their owner alone', async () => {
  expect((await stat(join(folder, 'password'))).mode & 0o777).toBe(0o600)
  expect((await stat(join(folder, 'data'))).mode & 0o777).toBe(0o700)
})

it('a server whose starter was killed is replaced, and a pid file that names a stranger harms nobody', async () => {
  const program = `import { startPostgres } from ${JSON.stringify(new URL('./embedded.ts', import.meta.url).href)}
    console.log((await startPostgres({ folder: ${JSON.stringify(folder)}, settings: { fsync: 'off' } })).pid)`
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [line] = await once(child.stdout, 'data')
  const orphan = Number(String(line))
  expect(alive(orphan)).toBe(true)
  await expect(startPostgres({ folder, settings })).rejects.toThrow(/in use by process/)
  child.kill('SIGKILL')
  await once(child, 'exit')

  const replacement = await startPostgres({ folder, settings })
  expect(alive(orphan)).toBe(false)
  process.kill(replacement.pid, 'SIGKILL')
  await vi.waitFor(() => expect(alive(replacement.pid)).toBe(false), { timeout: 30_000 })

  const stranger = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'])
  const file = join(folder, 'data/postmaster.pid')
  const text = await readFile(file, 'utf8')
  await writeFile(file, text.replace(/^\d+/, String(stranger.pid)))
  await using last = await startPostgres({ folder, settings })
  expect(alive(last.pid)).toBe(true)
  expect(stranger.exitCode).toBe(null)
  expect(stranger.signalCode).toBe(null)
  stranger.kill()
})

it.runIf(process.getuid?.() === 0)('as root, it also runs in a folder that no other user may enter', async () => {
  const locked = await mkdtemp(join(tmpdir(), 'sandlot-locked-')) // mode 0700, like /root
  try {
    await using postgres = await startPostgres({ folder: join(locked, 'data'), settings })
    const db = openDatabase({ url: postgres.url, name: 'test' })
    await ping(db)
    await db.destroy()
  } finally {
    await rm(locked, { recursive: true, force: true })
  }
})

it('a port that is taken is named in the error', async () => {
  await using _holder = await startPostgres({ folder, settings })
  const other = await mkdtemp(join(tmpdir(), 'sandlot-postgres-'))
  try {
    const port = Number(new URL(_holder.url).port)
    await expect(startPostgres({ folder: other, port })).rejects.toThrow(/Address already in use/)
  } finally {
    await rm(other, { recursive: true, force: true })
  }
})

it('a pool outlives its server: calls fail as unreachable while it is down and work again when it is back', async () => {
  let postgres: Postgres = await startPostgres({ folder, settings })
  const port = Number(new URL(postgres.url).port)
  const db = openDatabase({ url: postgres.url, name: 'test' })
  try {
    await ping(db)
    // A connection that is in use, but idle, when the server goes: its loss is an event, not an answer.
    await db
      .transaction()
      .execute(async (tx) => {
        await sql`select 1`.execute(tx)
        await postgres.stop()
        await sql`select 1`.execute(tx)
      })
      .then(
        () => expect.unreachable(),
        (error) => expect(databaseTrouble(error)).toBe('unreachable'),
      )
    await ping(db).then(
      () => expect.unreachable(),
      (error) => expect(databaseTrouble(error)).toBe('unreachable'),
    )
    const said: string[] = []
    const back = waitForDatabase(db, AbortSignal.timeout(20_000), (why) => said.push(why))
    await vi.waitFor(() => expect(said).toHaveLength(1), { timeout: 30_000 })
    postgres = await startPostgres({ folder, settings, port })
    await back
    expect(said).toEqual([expect.stringContaining('ECONNREFUSED')])
  } finally {
    await db.destroy()
    await postgres.stop()
  }
})
