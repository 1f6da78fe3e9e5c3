// sandlot-host alone: two browsers play pong against each other, with no website at all.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { launchChromium } from '@sandlot/shared/testing/chromium.ts'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { WAIT } from './dev.ts'
import { coloursOf, drawn, gameOf, meOf, person, stateOf, watchReloads } from './people.ts'

const TOP = fileURLToPath(new URL('../../', import.meta.url))
const stack = new AsyncDisposableStack()
let browser: Browser
let folder: string
let url: string
const sockets = new Set<Socket>()

beforeAll(async () => {
  browser = await launchChromium()
  stack.defer(() => browser.close())
  folder = await mkdtemp(join(tmpdir(), 'sandlot-pong-'))
  stack.defer(() => rm(folder, { recursive: true, force: true }))
  await cp(join(TOP, 'sandbox/examples/pong'), folder, { recursive: true })
  const host = spawn('npx', ['sandlot-host', folder, '--listen', '0'], {
    cwd: TOP,
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: true,
  })
  stack.defer(async () => {
    process.kill(-host.pid!, 'SIGTERM') // npx and the host it started
    await once(host, 'close')
  })
  let output = ''
  host.stdout.setEncoding('utf8').on('data', (text) => (output += text))
  const port = await vi.waitFor(() => Number(/ at http:\/\/localhost:(\d+)\//.exec(output)![1]), WAIT)
  // A wire between browsers and host that the test can cut.
  const wire = createServer((near) => {
    const far = connect(port, '127.0.0.1')
    near.pipe(far).pipe(near)
    const both = () => {
      near.destroy()
      far.destroy()
    }
    for (const socket of [near, far]) socket.on('error', () => {}).on('close', both)
    sockets.add(near)
    near.on('close', () => sockets.delete(near))
  }).listen(0, '127.0.0.1')
  await once(wire, 'listening')
  stack.defer(() => {
    for (const socket of sockets) socket.destroy()
    wire.close()
  })
  url = `http://localhost:${(wire.address() as AddressInfo).port}/`
}, 60_000)
afterAll(() => stack.disposeAsync())

interface Pong {
  sides: { id: string | null; y: number; score: number }[]
}

it('two players see each other move, keep the score through a live edit, and keep their seats when the wire is cut', async () => {
  const [ada, bob] = [await person(browser), await person(browser)]
  for (const page of [ada, bob]) {
    await page.goto(url)
    await drawn(page)
    await vi.waitFor(async () => expect(await coloursOf(page.locator('canvas'))).toBeGreaterThan(100), WAIT)
  }
  const ids = [await meOf(ada), await meOf(bob)]
  const sideOf = async (page: typeof ada, id: string) =>
    (await stateOf<Pong>(page)).sides.find((side) => side.id === id)!

  // Each sees the other's paddle move.
  for (const [mover, watcher, id] of [
    [ada, bob, ids[0]!],
    [bob, ada, ids[1]!],
  ] as const) {
    await vi.waitFor(async () => expect(await sideOf(watcher, id)).toBeDefined(), WAIT)
    const { y } = await sideOf(watcher, id)
    await mover.bringToFront()
    await mover.keyboard.down('ArrowUp')
    await vi.waitFor(async () => expect((await sideOf(watcher, id)).y).toBeLessThan(y - 20), WAIT)
    await mover.keyboard.up('ArrowUp')
  }

  // Somebody scores: nobody moves, so the ball gets past a paddle.
  const scores = async (page: typeof ada) => (await stateOf<Pong>(page)).sides.map(({ score }) => score)
  await vi.waitFor(async () => expect((await scores(ada)).some((score) => score > 0)).toBe(true), {
    timeout: 40_000,
    interval: 50,
  })

  // A live edit that stops the ball: the score stays, and no page or socket starts anew.
  const reloads = [watchReloads(ada), watchReloads(bob)]
  const server = await readFile(join(folder, 'server.js'), 'utf8')
  await writeFile(
    join(folder, 'server.js'),
    `${server.replace(/export (function|const) tick\b/, 'export $1 tickBefore')}\nexport const tick = (state) => { state.edition = 2 }\n`,
  )
  for (const page of [ada, bob])
    await vi.waitFor(async () => expect(await stateOf(page)).toMatchObject({ edition: 2 }), WAIT)
  const kept = await scores(ada)
  expect(kept.some((score) => score > 0)).toBe(true)
  expect(await scores(bob)).toEqual(kept)
  expect(reloads.map((count) => count())).toEqual([0, 0])

  // The wire is cut under both: they come back by themselves, into the same seats, with the score.
  for (const socket of sockets) socket.destroy()
  for (const count of reloads) await vi.waitFor(() => expect(count()).toBe(1), WAIT) // one new socket each
  for (const [page, id] of [
    [ada, ids[0]!],
    [bob, ids[1]!],
  ] as const) {
    await vi.waitFor(async () => expect(await page.locator('#status').textContent()).toBe('2 players'), WAIT)
    expect(await meOf(page)).toBe(id)
    expect(await scores(page)).toEqual(kept)
    expect(await gameOf(page).evaluate(() => gameAPI.players.length)).toBe(2)
  }
}, 90_000)
