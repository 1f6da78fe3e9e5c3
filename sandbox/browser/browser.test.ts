// The page, the worker and gameAPI in a real Chromium, against the real game host.
import { launchChromium } from '@sandlot/shared/testing/chromium.ts'
import type { Browser, Page, Worker } from 'playwright-core'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { startWired } from './testing/wired.ts'

const SERVER = `
export const setup = () => ({ players: {}, version: 1 })
export const join = (state, player) => { state.players[player.id] = { x: 400, y: 300 } }
export const leave = (state, player) => { delete state.players[player.id] }
export const actions = {
  move(state, player, { dx }) { state.players[player.id].x += dx },
}
`
const CLIENT = `
const ships = gameAPI.group((player) => gameAPI.createSprite('ship', player.x, player.y))
gameAPI.onState((state) => ships.sync(state.players, (ship, player) => ship.moveTo(player.x, player.y)))
gameAPI.onUpdate(() => {
  const { left, right } = gameAPI.keys
  if (left || right) gameAPI.send('move', { dx: 5 * (right - left) })
})
`
const GAME = { 'server.js': SERVER, 'client.js': CLIENT }
const SPIN = 'void /^(a+)+$/.test("a".repeat(60) + "b")'
const STOPPED = 'client.js did not come back for 5 seconds and was stopped.'
const WAIT = { timeout: 30_000, interval: 20 } // on a machine that does much else
vi.setConfig({ testTimeout: 90_000 })

let browser: Browser
beforeAll(async () => {
  browser = await launchChromium()
})
afterAll(() => browser.close())

interface State {
  players: Record<string, { x: number; y: number }>
}

/** A player with a browser of their own, seated. */
async function join(url: string): Promise<Page> {
  const page = await (await browser.newContext()).newPage()
  await page.goto(url)
  await drawn(page)
  return page
}

/** The worker that runs the creator's code now. */
function gameOf(page: Page): Worker {
  const worker = page.workers().at(-1)
  if (!worker) throw new Error('no worker runs')
  return worker
}
/** Waits until the game draws. */
const drawn = (page: Page) =>
  vi.waitFor(async () => expect(await gameOf(page).evaluate(() => gameAPI.getFrame())).toBeGreaterThan(0), WAIT)
const meOf = (page: Page) => gameOf(page).evaluate(() => gameAPI.me.id)
async function stateOf(page: Page): Promise<State> {
  return gameOf(page).evaluate(() => gameAPI.getState() as State)
}
const xIn = async (page: Page, player: string) => (await stateOf(page)).players[player]!.x
const problemOf = (page: Page) => page.locator('#problem')

it('two players in two browsers see each other move', async () => {
  await using host = await startWired(GAME)
  const [alice, bob] = [await join(host.url), await join(host.url)]
  const [a, b] = [await meOf(alice), await meOf(bob)]
  await alice.keyboard.down('ArrowRight')
  await vi.waitFor(async () => expect(await xIn(bob, a)).toBeGreaterThan(400), WAIT)
  await alice.keyboard.up('ArrowRight')
  await bob.keyboard.down('a')
  await vi.waitFor(async () => expect(await xIn(alice, b)).toBeLessThan(400), WAIT)
  expect(await alice.textContent('#status')).toBe('2 players')
})

it('[SV3] a save reaches both players; the state and the connections stay', async () => {
  await using host = await startWired(GAME)
  const [alice, bob] = [await join(host.url), await join(host.url)]
  const a = await meOf(alice)
  await gameOf(alice).evaluate(() => gameAPI.send('move', { dx: 15 }))
  for (const page of [alice, bob]) await vi.waitFor(async () => expect(await xIn(page, a)).toBe(415), WAIT)
  const before = await stateOf(alice)
  await host.save('client.js', `${CLIENT}\ngameAPI.createText('second version', 20, 20)\nglobalThis.version = 2`)
  for (const page of [alice, bob]) {
    await vi.waitFor(async () => expect(await gameOf(page).evaluate(() => Reflect.get(self, 'version'))).toBe(2), WAIT)
    expect(await stateOf(page)).toEqual(before)
  }
  expect(host.output().match(/joined/g)).toHaveLength(2)
  expect(host.output()).not.toMatch(/left/)
})

it('[CN7] a cut connection comes back into the same seat', async () => {
  await using host = await startWired(GAME)
  const alice = await join(host.url)
  const a = await meOf(alice)
  const worker = gameOf(alice)
  const note = alice.locator('#note')
  const noted = note.filter({ hasText: 'Reconnecting…' }).waitFor()
  host.cut()
  await noted
  await note.waitFor({ state: 'hidden' })
  await alice.keyboard.press('ArrowRight', { delay: 100 })
  await vi.waitFor(async () => expect(await xIn(alice, a)).toBeGreaterThan(400), WAIT)
  expect(gameOf(alice)).toBe(worker)
  expect(host.output().match(/joined/g)).toHaveLength(1)
})

it('the creator’s code has gameAPI and no way to the network, storage or another worker', async () => {
  const forbidden =
    `fetch XMLHttpRequest WebSocket WebSocketStream EventSource WebTransport importScripts Worker SharedWorker indexedDB caches
    BroadcastChannel MessageChannel navigator location postMessage addEventListener close Request FileReader Notification OffscreenCanvas
    WebAssembly SharedArrayBuffer onmessage fonts cookieStore crossOriginIsolated`.split(/\s+/)
  await using host = await startWired({
    ...GAME,
    'client.js': `${CLIENT}
      const names = new Set()
      for (let scope = globalThis; scope; scope = Object.getPrototypeOf(scope)) for (const name of Reflect.ownKeys(scope)) names.add(name)
      globalThis.found = ${JSON.stringify(forbidden)}.filter((name) => names.has(name) || globalThis[name] !== undefined)
      try { fetch('/') } catch (error) { globalThis.refusal = String(error) }
      try { new Function('return 1')() } catch (error) { globalThis.noEval = error.name }
      gameAPI.send('move', { dx: 7 })`,
  })
  const alice = await join(host.url)
  const a = await meOf(alice)
  const read = (name: string) => gameOf(alice).evaluate((key) => Reflect.get(self, key), name)
  expect(await read('found')).toEqual([])
  expect(await read('refusal')).toBe('ReferenceError: fetch is not defined')
  expect(await read('noEval')).toBe('EvalError')
  await vi.waitFor(async () => expect(await xIn(alice, a)).toBe(407), WAIT)
})

it('an error at top level shows its place, and the next good build takes it away', async () => {
  await using host = await startWired({ ...GAME, 'client.js': `${CLIENT}\nthrow new Error('out of fuel')` })
  const page = await (await browser.newContext()).newPage()
  await page.goto(host.url)
  await problemOf(page).filter({ hasText: 'Error: out of fuel' }).waitFor()
  expect(await problemOf(page).locator('.place').textContent()).toMatch(/^client\.js:9:\d+$/)
  await host.save('client.js', CLIENT)
  await problemOf(page).waitFor({ state: 'hidden' })
  await drawn(page)
})

it('an error pauses the game for its player and shows the code; who goes on is not asked again', async () => {
  await using host = await startWired({
    ...GAME,
    'client.js': `${CLIENT}\ngameAPI.onUpdate(() => { throw new TypeError('<b>no</b> ship') })\n// the end`,
  })
  const alice = await join(host.url)
  await problemOf(alice).waitFor()
  expect(await problemOf(alice).locator('.message').textContent()).toBe('TypeError: <b>no</b> ship')
  expect(await problemOf(alice).locator('.here').textContent()).toMatch(/^ {3}9 {2}gameAPI\.onUpdate/)
  const frame = () => gameOf(alice).evaluate(() => gameAPI.getFrame())
  const paused = await frame()
  await alice.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))))
  expect(await frame()).toBe(paused)
  await problemOf(alice).getByRole('button', { name: 'Go on' }).click()
  await vi.waitFor(async () => expect(await frame()).toBeGreaterThan(paused + 5), WAIT)
  expect(await problemOf(alice).isVisible()).toBe(false)
})

it('Reload starts the code anew in the same seat, without a new page or socket', async () => {
  const wrong = `${CLIENT}\nlet frames = 0\ngameAPI.onUpdate(() => { if (++frames === 5) throw new Error('at five') })`
  await using host = await startWired({ ...GAME, 'client.js': wrong })
  const alice = await join(host.url)
  const a = await meOf(alice)
  await problemOf(alice).waitFor()
  const old = gameOf(alice)
  await problemOf(alice).getByRole('button', { name: 'Reload' }).click()
  await vi.waitFor(() => expect(alice.workers().filter((each) => each !== old)).toHaveLength(1), WAIT)
  await vi.waitFor(async () => expect(await meOf(alice)).toBe(a), WAIT)
  expect(host.output().match(/joined/g)).toHaveLength(1)
})

it('a loop without end leaves the page alive, is stopped and tried again, and the next build plays', async () => {
  await using host = await startWired({ ...GAME, 'client.js': `gameAPI.log("looping")\n${SPIN}` })
  const page = await (await browser.newContext()).newPage()
  await page.goto(host.url)
  await page.locator('#status.playing').waitFor()
  const frames = await page.evaluate(
    () =>
      new Promise<number>((done) => {
        let count = 0
        const next = () => (++count === 10 ? done(count) : requestAnimationFrame(next))
        next()
      }),
  )
  expect(frames).toBe(10)
  await problemOf(page)
    .filter({ hasText: `${STOPPED} It starts again (1 of 3).` })
    .waitFor({ timeout: 40_000 })
  await problemOf(page).filter({ hasText: '(2 of 3)' }).waitFor({ timeout: 40_000 })
  await host.save('client.js', CLIENT)
  await problemOf(page).waitFor({ state: 'hidden' })
  await drawn(page)
}, 90_000)

it('a loop of the creator’s own is ended by its guard, at its place', async () => {
  await using host = await startWired({
    ...GAME,
    'client.js': `${CLIENT}\nlet n = 0; gameAPI.onUpdate(() => { for (;;) n++ })`,
  })
  const page = await join(host.url)
  await problemOf(page)
    .filter({ hasText: 'Error: Loop ran longer than 3000 ms (client.js:9)' })
    .waitFor({ timeout: 40_000 })
  expect(await problemOf(page).locator('.place').textContent()).toBe('client.js:9:37')
})

const ENDED = 'Error: Function ran longer than 3000 ms (client.js:1)'
// STOPPED: no guard reaches into what the language itself does.
it.each([
  [
    'recursion of promises in onUpdate',
    'gameAPI.onUpdate(() => { const again = () => Promise.resolve().then(again); again() })',
    ENDED,
  ],
  ['a promise', 'Promise.resolve().then(() => /^(a+)+$/.test("a".repeat(60) + "b"))', STOPPED],
  ['promises without end', 'const again = () => Promise.resolve().then(again)\nagain()', ENDED],
  ['a regular expression', 'gameAPI.onUpdate(() => /^(a+)+$/.test("a".repeat(60) + "b"))', STOPPED],
  [
    'a built-in that cannot be interrupted',
    'gameAPI.onUpdate(() => Array.prototype.indexOf.call({ length: 2 ** 53 - 1 }, 1))',
    STOPPED,
  ],
])(
  '[B08] a loop in %s is stopped, and the player is told',
  async (_where, code, told) => {
    await using host = await startWired({ ...GAME, 'client.js': code })
    const page = await (await browser.newContext()).newPage()
    await page.goto(host.url)
    await problemOf(page).filter({ hasText: told }).waitFor({ timeout: 40_000 })
    await page.close()
  },
  60_000,
)

it('a module that is slow to come is waited for', async () => {
  await using host = await startWired(GAME)
  const page = await (await browser.newContext()).newPage()
  await page.route('**/client.js', async (route) => {
    await new Promise((done) => setTimeout(done, 7_000)) // the slowness itself
    await route.continue()
  })
  await page.goto(host.url)
  await vi.waitFor(() => drawn(page), { timeout: 40_000 })
  expect(await problemOf(page).isVisible()).toBe(false)
}, 90_000)

it('a thousand things are drawn, and one more is a named error', async () => {
  const many = (count: number) =>
    `${CLIENT}\nfor (let i = 0; i < ${count}; i++) gameAPI.createRect(i % 800, i / 2, 4, 4)`
  await using host = await startWired({ ...GAME, 'client.js': many(999) }) // and the player's own ship
  const alice = await join(host.url)
  await vi.waitFor(async () => expect(await gameOf(alice).evaluate(() => gameAPI.getFrame())).toBeGreaterThan(3), WAIT)
  expect(await problemOf(alice).isVisible()).toBe(false)
  await host.save('client.js', many(1001))
  await problemOf(alice).filter({ hasText: 'Entity limit reached: 1000' }).waitFor()
})
