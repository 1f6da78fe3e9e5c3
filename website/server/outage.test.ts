// Postgres goes away and comes back; the site stays up.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, vi } from 'vitest'
import { startPostgres } from '../db/embedded.ts'
import { prepareDatabase } from '../db/prepare.ts'
import { run, siteFolder, testSite } from '../testing/site.ts'

const AWAY = 'The database is not reachable. Try again in a moment.'

it('the site starts without its database, says so once, serves pages, and recovers each time by itself', async () => {
  await using stack = new AsyncDisposableStack()
  const folder = await mkdtemp(join(tmpdir(), 'sandlot-outage-'))
  stack.defer(() => rm(folder, { recursive: true, force: true }))
  const settings = { fsync: 'off' }
  let postgres = await startPostgres({ folder, settings })
  stack.defer(() => postgres.stop())
  const port = Number(new URL(postgres.url).port)
  const { websiteUrl } = await prepareDatabase(postgres.url)
  await postgres.stop()

  const secrets = stack.use(await siteFolder())
  const site = stack.use(await testSite({ databaseUrl: websiteUrl, folder: secrets.folder, ready: /not reachable/ }))
  const visitor = site.visitor()
  const page = async () => (await visitor.fetch('/', { headers: { accept: 'text/html' } })).status
  const health = async () => {
    const answer = await visitor.fetch('/api/health')
    return [answer.status, await answer.json()]
  }
  const trouble = { message: AWAY, data: { code: 'SERVICE_UNAVAILABLE', httpStatus: 503 } }
  expect(await page()).toBe(200)
  await expect(visitor.api.games.list.query({})).rejects.toMatchObject(trouble)

  postgres = await startPostgres({ folder, port, settings })
  await vi.waitFor(() => expect(site.output()).toMatch(/website listening on/), { timeout: 10_000 })
  expect(site.output().match(/not reachable \(/g)).toHaveLength(1)
  await visitor.signUp('Ada')
  expect(await visitor.api.games.list.query({})).toEqual({ games: [], next: null })

  await postgres.stop()
  expect(await page()).toBe(200)
  await expect(visitor.api.games.list.query({})).rejects.toMatchObject(trouble)
  await expect(visitor.api.session.me.query()).rejects.toMatchObject(trouble)
  const away = { status: 503, body: { message: AWAY } }
  expect(await visitor.post('/sign-in/email', { email: 'ada@example.test', password: 'correct horse' })).toMatchObject(
    away,
  )
  expect(await health()).toEqual([503, { ok: false, message: AWAY }])

  postgres = await startPostgres({ folder, port, settings })
  expect(await visitor.api.session.me.query()).toMatchObject({ name: 'Ada' })
  expect(await health()).toEqual([200, { ok: true }])
})

it('a bad setting is named at start, never shown', async () => {
  const env = { WEBSITE_LISTEN: '127.0.0.1:99999', SITE_ORIGIN: 'http://site.example/path', AUTH_SECRET: '/nowhere' }
  await expect(run('website/server/main.ts', env, /never/)).rejects.toThrow(
    /Config: WEBSITE_LISTEN, DATABASE_URL, SITE_ORIGIN, TICKET_KEY, CONTROL_NODES, AUTH_SECRET, WEB_ROOT missing or malformed\n$/,
  )
})

it('an address in use is said with the setting to change', async () => {
  await using secrets = await siteFolder()
  const url = 'postgres://nobody@127.0.0.1:9/none'
  await using first = await testSite({ databaseUrl: url, folder: secrets.folder, ready: /not reachable/ })
  const again = testSite({ databaseUrl: url, folder: secrets.folder, port: Number(new URL(first.origin).port) })
  await expect(again).rejects.toThrow(/something else listens there already. Choose another address in WEBSITE_LISTEN/)
})
