// What a player sees, in a real Chromium with a real game host: how long a save takes to reach the screen, and how many frames are drawn.
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { RuntimeToPage } from '@sandlot/shared/protocol/messages.ts'
import { launchChromium } from '@sandlot/shared/testing/chromium.ts'
import type { Browser, Page } from 'playwright-core'
import { startWired, type WiredHost } from '../../browser/testing/wired.ts'
import { type Figure, figure } from '../figures.ts'

const SAVE_AIM_MS = 300
const SETTLED_MS = 400 // between two saves: the spare build process is ready again
const SPRITES = [100, 500, 1_000]
const WARM_SECONDS = 2
const MEASURED_SECONDS = 6
const POLL_MS = 2
const PATIENCE_MS = 60_000
const SERVER = 'export const setup = () => ({})'

/** From the moment of the save, in milliseconds. */
export interface Saves {
  /** The host has built it, tried it and told the players. */
  live: Figure
  /** The page has started a worker for it. */
  worker: Figure
  /** Its first line has run. */
  running: Figure
}
export interface Frames {
  sprites: number
  /** Frames that the game answered and the page drew; 60 is the ceiling. */
  fps: number
  /** From asking the worker for a frame until its answer was checked and applied by the page: the mean of all seconds. */
  frameMs: number
  /** `2d`, or `webgl` where there is a graphics card. */
  renderer: string
}

/** Both measurements, in one browser. `runs`: saves. */
export async function play(runs: number): Promise<{ browser: string; save: Saves; frames: Frames[] }> {
  await using browser = await launchChromium()
  const save = await saves(browser, runs)
  const frames: Frames[] = []
  for (const sprites of SPRITES) frames.push(await drawing(browser, sprites))
  return { browser: `Chromium ${browser.version()}, headless`, save, frames }
}

async function saves(browser: Browser, runs: number): Promise<Saves> {
  const client = (version: number) => `console.log('version', ${version})\ngameAPI.createRect(${version}, 10, 20, 20)\n`
  await using host = await startWired({ 'server.js': SERVER, 'client.js': client(0) })
  const page = await newPage(browser)
  const first = said(page, 'version 0')
  await page.goto(host.url)
  await first
  const samples: [live: number, worker: number, running: number][] = []
  for (let run = 1; run <= runs + 1; run++) {
    await sleep(SETTLED_MS)
    const times = [heard(host), started(page), said(page, `version ${run}`)] as const
    const from = performance.now()
    await host.save('client.js', client(run))
    const [live, worker, running] = await Promise.all(times)
    if (run > 1) samples.push([live - from, worker - from, running - from]) // the first one warms the caches
  }
  await page.context().close()
  const of = (stage: 0 | 1 | 2) =>
    figure(
      samples.map((each) => each[stage]),
      SAVE_AIM_MS,
    ) // prettier-ignore
  return { live: of(0), worker: of(1), running: of(2) }
}

const said = (page: Page, text: string): Promise<number> =>
  page.waitForEvent('console', { predicate: (message) => message.text() === text }).then(() => performance.now())
const started = (page: Page): Promise<number> => page.waitForEvent('worker').then(() => performance.now())

/** When the host says that a build is live, which it does after it has told the players. */
async function heard(host: WiredHost): Promise<number> {
  const before = host.output().length
  const until = performance.now() + PATIENCE_MS
  while (!/Build \w+ is live/.test(host.output().slice(before))) {
    if (performance.now() > until) throw new Error(`no build went live: ${host.output().slice(before)}`)
    await sleep(POLL_MS)
  }
  return performance.now()
}

/** All sprites move and turn in every frame. The game is framed by a page that reads its STATS, as the website's does. */
async function drawing(browser: Browser, sprites: number): Promise<Frames> {
  const client = `
    const ships = []
    for (let i = 0; i < ${sprites}; i++) ships.push(gameAPI.createSprite('ship' + i % 8, i * 37 % 800, i * 53 % 600))
    let t = 0
    gameAPI.onUpdate((seconds) => {
      t += seconds
      for (let i = 0; i < ships.length; i++) {
        ships[i].moveTo((i * 37 + t * 60) % 800, (i * 53 + t * 40) % 600)
        ships[i].rotation = t
      }
    })`
  let game = ''
  const site = createServer((_, response) => {
    response.setHeader('content-type', 'text/html')
    response.end(`<iframe sandbox="allow-scripts" width="800" height="600" src="${game}"></iframe>`)
  }).listen(0, '127.0.0.1')
  await once(site, 'listening')
  try {
    const url = `http://127.0.0.1:${(site.address() as AddressInfo).port}`
    await using host = await startWired({ 'server.js': SERVER, 'client.js': client }, '--site', url)
    game = host.url
    const page = await newPage(browser)
    await page.addInitScript(() => {
      if (window.parent !== window) return
      const stats: unknown[] = []
      Object.assign(window, { stats })
      addEventListener('message', ({ ports }) => {
        ports[0]!.onmessage = ({ data }: MessageEvent<RuntimeToPage>) => {
          if (data.type === 'STATS') stats.push(data)
        }
        ports[0]!.postMessage({ type: 'TICKET', ticket: 'the open host asks for none' })
      })
    })
    await page.goto(url)
    type Stats = Extract<RuntimeToPage, { type: 'STATS' }>
    const seconds = WARM_SECONDS + MEASURED_SECONDS
    await page.waitForFunction((count) => (Reflect.get(window, 'stats') as unknown[]).length >= count, seconds)
    const all = (await page.evaluate(() => Reflect.get(window, 'stats'))) as Stats[]
    const measured = all.slice(WARM_SECONDS, seconds)
    if (measured.some(({ things }) => things !== sprites)) throw new Error('not all sprites are there')
    const mean = (of: (stats: Stats) => number) =>
      Math.round((measured.reduce((sum, each) => sum + of(each), 0) / measured.length) * 10) / 10
    const renderer = await page
      .frames()[1]!
      .evaluate(() => (document.querySelector<HTMLCanvasElement>('#game canvas')!.getContext('2d') ? '2d' : 'webgl'))
    await page.context().close()
    return { sprites, fps: mean(({ fps }) => fps), frameMs: mean(({ frameMs }) => frameMs), renderer }
  } finally {
    site.closeAllConnections()
    site.close()
  }
}

async function newPage(browser: Browser): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 840, height: 640 } })
  context.setDefaultTimeout(PATIENCE_MS)
  return context.newPage()
}
