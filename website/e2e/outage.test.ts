// The database is killed under a running site, and comes back.
import { join } from 'node:path'
import { launchChromium } from '@sandlot/shared/testing/chromium.ts'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { startPostgres, stopPostgres } from '../db/embedded.ts'
import { type Dev, dataFolder, freePorts, ready, startDev, WAIT } from './dev.ts'
import { drawn, gameOf, person, play } from './people.ts'

const stack = new AsyncDisposableStack()
let browser: Browser
let site: Dev
let postgres: { folder: string; port: number; pid: number }

beforeAll(async () => {
  const data = stack.use(await dataFolder())
  const folder = join(data.path, 'own-postgres')
  const port = await freePorts()
  stack.defer(() => stopPostgres(folder))
  const { url, pid } = await startPostgres({ folder, port })
  postgres = { folder, port, pid }
  site = stack.use(await ready(startDev(data.path, await freePorts(), { DATABASE_URL: url })))
  browser = stack.use(await launchChromium())
}, 90_000)
afterAll(() => stack.disposeAsync())

it('while Postgres is away a room plays on, pages load and Play says why; when it is back everything works again', async () => {
  const [player, visitor, reader] = [await person(browser), await person(browser), await person(browser)]
  await play(player, site.url, 'arena')
  await visitor.goto(`${site.url}/games/pong`)
  const press = visitor.getByRole('button', { name: 'Play', exact: true })
  await press.waitFor()

  process.kill(postgres.pid, 'SIGKILL')
  await press.click()
  await visitor
    .getByRole('alert')
    .filter({ hasText: /not reachable|out of reach|cannot be reached/ })
    .waitFor()
  await reader.goto(site.url)
  await reader.getByRole('heading', { name: 'Save a file. Your friends are playing.' }).waitFor()
  await reader.getByRole('alert').filter({ hasText: 'The database is not reachable. Try again in a moment.' }).waitFor()
  const framesOf = () => gameOf(player).evaluate(() => gameAPI.getFrame())
  const frame = await framesOf()
  await vi.waitFor(async () => expect(await framesOf()).toBeGreaterThan(frame + 20), WAIT)
  await player.getByText('Connected', { exact: true }).waitFor()
  expect(site.child.exitCode).toBe(null)

  await startPostgres({ folder: postgres.folder, port: postgres.port })
  await reader.getByRole('button', { name: 'Try again' }).click()
  await reader.getByRole('link', { name: 'Pong' }).waitFor()
  await press.click()
  await drawn(visitor)
}, 60_000)
