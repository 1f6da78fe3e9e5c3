// The page inside a website's page: a real iframe on another origin, against real game hosts, one that takes every player and one that wants a ticket.
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { RuntimeToPage } from '@sandlot/shared/protocol/messages.ts'
import { CLOSE } from '@sandlot/shared/reasons.ts'
import { launchChromium } from '@sandlot/shared/testing/chromium.ts'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { startTicketed, startWired, type WiredHost } from './testing/wired.ts'

const GAME = {
  'game.json': '{ "title": "Embedded", "width": 400, "height": 300 }',
  'server.js': `
    export const setup = () => ({ joined: 0 })
    export const join = (state) => { state.joined++ }
    export const actions = { finish(state, player, data, room) { room.end({ winner: player.id }) } }`,
  'client.js': `
    gameAPI.createSprite('missing', 200, 150)
    gameAPI.createSprite('broken', 100, 150)
    console.log('hello', { from: 'worker' })`,
}
const WAIT = { timeout: 30_000, interval: 20 } // on a machine that does much else
vi.setConfig({ testTimeout: 90_000 })

let browser: Browser
const stack = new AsyncDisposableStack()
let host: WiredHost
let lockedHost: Awaited<ReturnType<typeof startTicketed>>
let siteUrl: string

beforeAll(async () => {
  browser = await launchChromium()
  stack.defer(() => browser.close())
  const site = createServer((request, response) => {
    const game = new URL(request.url!, 'http://site').searchParams.get('game')
    response.setHeader('content-type', 'text/html')
    response.end(`<iframe sandbox="allow-scripts" width="400" height="300" src="${game}"></iframe>`)
  }).listen(0, '127.0.0.1')
  await once(site, 'listening')
  stack.defer(() => new Promise((done) => site.close(() => done())))
  siteUrl = `http://127.0.0.1:${(site.address() as AddressInfo).port}`
  host = stack.use(await startWired({ ...GAME, 'assets/broken.png': 'no picture' }, '--site', siteUrl))
  lockedHost = stack.use(await startTicketed(GAME, siteUrl))
})
afterAll(() => stack.disposeAsync())

const TICKET = { type: 'TICKET', ticket: 'the open host asks for none' }

/** The website's page, and both directions of its port to the runtime. */
async function embed({ url }: { url: string } = host) {
  const page: Page = await (await browser.newContext()).newPage()
  await page.addInitScript(() => {
    if (window.parent !== window) return
    const told: unknown[] = []
    addEventListener('message', ({ data, ports, source, origin }) => {
      if (source !== document.querySelector('iframe')?.contentWindow || data?.type !== 'READY') return
      told.push({ type: 'READY', origin })
      ports[0]!.onmessage = (event) => told.push(event.data)
      Object.assign(window, { port: ports[0] })
    })
    Object.assign(window, { told })
  })
  await page.goto(`${siteUrl}/?game=${url}`)
  const heard = () => page.evaluate(() => Reflect.get(window, 'told') as RuntimeToPage[])
  const hears = async (message: object) =>
    vi.waitFor(async () => expect((await heard()) as object[]).toContainEqual(expect.objectContaining(message)), WAIT)
  const say = (message: object) =>
    page.evaluate((value) => (Reflect.get(window, 'port') as MessagePort).postMessage(value), message)
  await hears({ type: 'READY', origin: 'null' })
  return { page, heard, hears, say }
}

it('the runtime waits for a ticket, plays with it, and tells the page how it goes', async () => {
  const { heard, hears, say } = await embed()
  expect(await heard()).not.toContainEqual(expect.objectContaining({ status: 'playing' }))
  await say({ type: 'NONSENSE' })
  await say(TICKET)
  await hears({ type: 'STATUS', status: 'playing' })
  await hears({ type: 'TITLE', title: 'Embedded', width: 400, height: 300 })
  await hears({ type: 'LOG', text: 'hello {"from":"worker"}' })
  const players = (await heard()).findLast((message) => message.type === 'PLAYERS')!
  expect(players).toMatchObject({
    players: expect.arrayContaining([expect.objectContaining({ id: players.me, connected: true })]),
  })
})

it('the status is the page’s to show: the runtime shows none of its own', async () => {
  const { page, hears, say } = await embed()
  const status = page.frameLocator('iframe').locator('#status')
  await say(TICKET)
  await hears({ type: 'STATUS', status: 'playing' })
  expect(await status.isVisible()).toBe(false)
  const alone = await page.context().newPage() // opened by itself, it does
  await alone.goto(host.url)
  await vi.waitFor(async () => expect(await alone.locator('#status').isVisible()).toBe(true), WAIT)
})

it('an image that cannot be shown is a line in the log and a placeholder, no crash', async () => {
  const { page, heard, hears, say } = await embed()
  await say(TICKET)
  await hears({ type: 'LOG', text: expect.stringMatching(/^The image "broken" \(build\/.*\) cannot be shown: /) })
  await vi.waitFor(() => expect(page.workers()).toHaveLength(1), WAIT)
  expect(await heard()).not.toContainEqual(expect.objectContaining({ type: 'ERROR' }))
})

it('[CN3] a forged ticket is refused, and the page is told why', async () => {
  const { heard, hears, say } = await embed(lockedHost)
  await say({ type: 'TICKET', ticket: 'forged' })
  await hears({ type: 'STATUS', status: 'refused', text: CLOSE['ticket-refused'].text })
  expect(await heard()).not.toContainEqual(expect.objectContaining({ status: 'playing' }))
})

it('[CN3] a good ticket is let in', async () => {
  const { hears, say } = await embed(lockedHost)
  await say({ type: 'TICKET', ticket: await lockedHost.ticket() })
  await hears({ type: 'STATUS', status: 'playing' })
})

it('[CN7] a cut connection comes back without a new ticket', async () => {
  const { heard, hears, say } = await embed()
  await say(TICKET)
  await hears({ type: 'STATUS', status: 'playing' })
  host.cut()
  await hears({ type: 'STATUS', status: 'reconnecting' })
  await vi.waitFor(async () => {
    const last = (await heard()).findLast((message) => message.type === 'STATUS')
    expect(last).toMatchObject({ status: 'playing' })
  }, WAIT)
  expect(await heard()).not.toContainEqual({ type: 'TICKET_NEEDED' })
})

it('PAUSE stops the frames, RESUME lets them go on, LEAVE gives the seat up', async () => {
  const { page, hears, say } = await embed()
  await say(TICKET)
  const frame = async () => page.workers()[0]!.evaluate(() => gameAPI.getFrame())
  await vi.waitFor(async () => expect(await frame()).toBeGreaterThan(3), WAIT)
  await say({ type: 'PAUSE' })
  await vi.waitFor(async () => {
    const before = await frame()
    await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))))
    expect(await frame()).toBe(before)
  }, WAIT)
  const paused = await frame()
  await say({ type: 'RESUME' })
  await vi.waitFor(async () => expect(await frame()).toBeGreaterThan(paused + 3), WAIT)
  await say({ type: 'LEAVE' })
  await hears({ type: 'STATUS', status: 'ended' })
})

it('[EN1] the end of a room is told with its result', async () => {
  const { page, hears, say } = await embed()
  await say(TICKET)
  await hears({ type: 'STATUS', status: 'playing' })
  await vi.waitFor(
    () =>
      page
        .workers()
        .at(-1)!
        .evaluate(() => gameAPI.send('finish')),
    WAIT,
  )
  await hears({ type: 'END', result: { winner: expect.stringMatching(/^p/) } })
  await hears({ type: 'STATUS', status: 'ended' })
})
