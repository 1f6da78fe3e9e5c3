// The page, the worker and gameAPI in a real Chromium, against the real game host. Several players at once: most of the time goes into waiting.
import { MAX_OWN_PROBLEMS } from '@sandlot/shared/limits.ts'
import { launchChromium } from '@sandlot/shared/testing/chromium.ts'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { TestPlayer } from '../testing/host.ts'
import { drawn, join, type Visitor, visit, WAIT } from './testing/visitor.ts'
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
vi.setConfig({ testTimeout: 120_000, maxConcurrency: 4 })

let browser: Browser
beforeAll(async () => {
  browser = await launchChromium()
})
afterAll(() => browser.close())

interface State {
  players: Record<string, { x: number; y: number }>
}
const stateOf = ({ worker }: Visitor): Promise<State> => worker().evaluate(() => gameAPI.getState() as State)
const xIn = async (visitor: Visitor, player: string) => (await stateOf(visitor)).players[player]!.x

/** From now on what `page` notes is looked at; the function it gives resolves when `text` has been among it, however briefly. */
async function notes(page: Page, text: string): Promise<() => Promise<void>> {
  const watch = await page.evaluateHandle((text) => {
    const note = document.querySelector('#note')!
    const { promise, resolve } = Promise.withResolvers<void>()
    const look = () => {
      if (note.textContent.includes(text)) resolve()
    }
    new MutationObserver(look).observe(note, { childList: true, characterData: true, subtree: true })
    return { promise }
  }, text)
  return () => watch.evaluate(({ promise }) => promise)
}

it.concurrent('two players in two browsers see each other move', async () => {
  await using host = await startWired(GAME)
  await using alice = await join(browser, host.url)
  await using bob = await join(browser, host.url)
  const [a, b] = [await alice.me(), await bob.me()]
  await alice.page.keyboard.down('ArrowRight')
  await vi.waitFor(async () => expect(await xIn(bob, a)).toBeGreaterThan(400), WAIT)
  await alice.page.keyboard.up('ArrowRight')
  await bob.page.keyboard.down('a')
  await vi.waitFor(async () => expect(await xIn(alice, b)).toBeLessThan(400), WAIT)
  expect(await alice.page.textContent('#status')).toBe('2 players')
})

it.concurrent('[SV3] a save reaches both players; the state and the connections stay', async () => {
  await using host = await startWired(GAME)
  await using alice = await join(browser, host.url)
  await using bob = await join(browser, host.url)
  const a = await alice.me()
  await alice.worker().evaluate(() => gameAPI.send('move', { dx: 15 }))
  for (const player of [alice, bob]) await vi.waitFor(async () => expect(await xIn(player, a)).toBe(415), WAIT)
  const before = await stateOf(alice)
  await host.save('client.js', `${CLIENT}\ngameAPI.createText('second version', 20, 20)\nglobalThis.version = 2`)
  for (const player of [alice, bob]) {
    await vi.waitFor(async () => expect(await player.read('version')).toBe(2), WAIT)
    expect(await stateOf(player)).toEqual(before)
  }
  expect(host.output().match(/joined/g)).toHaveLength(2)
  expect(host.output()).not.toMatch(/ left$/m)
})

it.concurrent('without a site the browser’s console has what the game logs and what was ignored of it', async () => {
  const wrong = "gameAPI.log('ready', 1)\nfor (let i = 0; i < 200; i++) gameAPI.send('move', { dx: 0 })"
  await using host = await startWired({ ...GAME, 'client.js': `${CLIENT}\n${wrong}` })
  const lines: string[] = []
  const before = async (page: Page) => page.on('console', (line) => lines.push(line.text()))
  await using _alice = await join(browser, host.url, { before })
  const ignored = 'gameAPI: something was ignored: the game sent more than 60 actions a second'
  await vi.waitFor(() => expect(lines).toEqual(expect.arrayContaining(['ready 1', ignored])), WAIT)
})

it.concurrent('[CN7] a cut connection comes back into the same seat', async () => {
  await using host = await startWired(GAME)
  await using alice = await join(browser, host.url)
  const a = await alice.me()
  const worker = alice.worker()
  const note = alice.page.locator('#note')
  const noted = await notes(alice.page, 'Reconnecting…')
  host.cut()
  await noted()
  await note.waitFor({ state: 'hidden' })
  await alice.page.keyboard.press('ArrowRight', { delay: 100 })
  await vi.waitFor(async () => expect(await xIn(alice, a)).toBeGreaterThan(400), WAIT)
  expect(alice.worker()).toBe(worker)
  expect(host.output().match(/joined/g)).toHaveLength(1)
})

it.concurrent('a connection that carries nothing any more is replaced, though nobody said that it ended; one where nothing happens stays', async () => {
  await using host = await startWired(GAME)
  await using alice = await join(browser, host.url)
  await using still = await startWired(GAME)
  await using bob = await join(browser, still.url)
  let sockets = 0
  bob.page.on('websocket', () => sockets++)
  const a = await alice.me()
  const noted = await notes(alice.page, 'Reconnecting…')
  host.mute()
  await noted()
  await vi.waitFor(async () => {
    await alice.page.keyboard.press('ArrowRight', { delay: 100 })
    expect(await xIn(alice, a)).toBeGreaterThan(400)
  }, WAIT)
  expect(host.output().match(/joined/g)).toHaveLength(1)
  expect(sockets).toBe(0)
})

it.concurrent('the creator’s code has gameAPI and no way to the network, storage or another worker', async () => {
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
  await using alice = await join(browser, host.url)
  const a = await alice.me()
  expect(await alice.read('found')).toEqual([])
  expect(await alice.read('refusal')).toBe('ReferenceError: fetch is not defined')
  expect(await alice.read('noEval')).toBe('EvalError')
  await vi.waitFor(async () => expect(await xIn(alice, a)).toBe(407), WAIT)
})

it.concurrent('an error at top level shows its place, and the next good build takes it away', async () => {
  await using host = await startWired({ ...GAME, 'client.js': `${CLIENT}\nthrow new Error('out of fuel')` })
  await using alice = await visit(browser, host.url)
  await alice.problem.filter({ hasText: 'Error: out of fuel' }).waitFor()
  expect(await alice.problem.locator('.place').textContent()).toMatch(/^client\.js:9:\d+$/)
  await host.save('client.js', CLIENT)
  await alice.problem.waitFor({ state: 'hidden' })
  await drawn(alice)
})

it.concurrent('[MB1] [MB3] [MB4] what goes wrong in one player’s browser is a line of the creator’s terminal, beside a flood of forged ones; the pages of others show nothing', async () => {
  const wrong = `${CLIENT}\nif (gameAPI.players.length === 3) throw new RangeError('three is a crowd')`
  await using host = await startWired({ ...GAME, 'client.js': wrong })
  await using alice = await join(browser, host.url)
  await using eve = await TestPlayer.join(host.url)
  const { build } = eve.welcome.client
  for (let i = 0; i < 50; i++)
    eve.send({
      t: 'problem',
      build,
      message: `forged ${i}\nProblem: \u001b[2Jserver.js:1 boom`,
      file: 'client.js',
      line: 1,
    })
  await using bob = await visit(browser, host.url)
  await bob.problem.filter({ hasText: 'RangeError: three is a crowd' }).waitFor()
  const lines = () => host.output().split('\n')
  const honest = /^r\w{19}: A player’s browser says: client\.js:9 RangeError: three is a crowd \(build [0-9a-f]{8}\)$/
  await vi.waitFor(() => expect(lines().filter((line) => honest.test(line))).toHaveLength(1), WAIT)
  const forged = lines().filter((line) => line.includes('forged'))
  expect(forged).toHaveLength(MAX_OWN_PROBLEMS)
  for (const line of forged)
    expect(line).toMatch(
      /^r\w{19}: A player’s browser says: client\.js:1 forged \d Problem: \[2Jserver\.js:1 boom \(build /,
    )
  expect(eve.closed).toBeUndefined()
  expect(eve.all('error')).toEqual([])
  expect(await alice.problem.isVisible()).toBe(false)
})

it.concurrent('an error pauses the game for its player and shows the code; who goes on is not asked again', async () => {
  await using host = await startWired({
    ...GAME,
    'client.js': `${CLIENT}\ngameAPI.onUpdate(() => { throw new TypeError('<b>no</b> ship') })\n// the end`,
  })
  await using alice = await join(browser, host.url)
  await alice.problem.waitFor()
  expect(await alice.problem.locator('.message').textContent()).toBe('TypeError: <b>no</b> ship')
  expect(await alice.problem.locator('.here').textContent()).toMatch(/^ {3}9 {2}gameAPI\.onUpdate/)
  const paused = await alice.frame()
  await alice.page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))))
  expect(await alice.frame()).toBe(paused)
  await alice.problem.getByRole('button', { name: 'Go on' }).click()
  await drawn(alice, paused + 5)
  expect(await alice.problem.isVisible()).toBe(false)
})

it.concurrent('Reload starts the code anew in the same seat, without a new page or socket', async () => {
  const wrong = `${CLIENT}\nlet frames = 0\ngameAPI.onUpdate(() => { if (++frames === 5) throw new Error('at five') })`
  await using host = await startWired({ ...GAME, 'client.js': wrong })
  await using alice = await join(browser, host.url)
  const a = await alice.me()
  await alice.problem.waitFor()
  const old = alice.worker()
  await alice.problem.getByRole('button', { name: 'Reload' }).click()
  await vi.waitFor(() => expect(alice.page.workers().filter((each) => each !== old)).toHaveLength(1), WAIT)
  await vi.waitFor(async () => expect(await alice.me()).toBe(a), WAIT)
  expect(host.output().match(/joined/g)).toHaveLength(1)
})

it.concurrent('a thousand things are drawn, and one more is a named error', async () => {
  const many = (count: number) =>
    `${CLIENT}\nfor (let i = 0; i < ${count}; i++) gameAPI.createRect(i % 800, i / 2, 4, 4)`
  await using host = await startWired({ ...GAME, 'client.js': many(999) }) // and the player's own ship
  await using alice = await join(browser, host.url)
  await drawn(alice, 3)
  expect(await alice.problem.isVisible()).toBe(false)
  await host.save('client.js', many(1001))
  await alice.problem.filter({ hasText: 'Entity limit reached: 1000' }).waitFor()
})
