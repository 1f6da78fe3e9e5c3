// Runs the example of each function of gameAPI for real, in one browser and one room, and looks at the picture it makes.
import { readdirSync, readFileSync } from 'node:fs'
import { launchChromium } from '@sandlot/shared/testing/chromium.ts'
import type { Browser, Page, Worker } from 'playwright-core'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { startWired, type WiredHost } from './testing/wired.ts'

const FOLDER = new URL('../examples/api/', import.meta.url)
const read = (path: string) => readFileSync(new URL(path, FOLDER))
const WAIT = { timeout: 30_000, interval: 20 } // on a machine that does much else
vi.setConfig({ testTimeout: 90_000 })
const TINTED = '#07ff07' // without a graphics card, tints are rounded
const [GREEN, RED, BLUE, WHITE] = ['#00ff00', '#ff0000', '#0000ff', '#ffffff']
const GROUND = '#10131a'

let browser: Browser
let host: WiredHost
let page: Page
beforeAll(async () => {
  browser = await launchChromium()
  const assets = readdirSync(new URL('assets', FOLDER)).map((name) => [`assets/${name}`, read(`assets/${name}`)])
  host = await startWired({
    'server.js': read('server.js'),
    'client.js': 'gameAPI.log("empty")',
    ...Object.fromEntries(assets),
  })
  page = await (await browser.newContext({ viewport: { width: 800, height: 600 } })).newPage()
  await page.addInitScript(watchDevices)
  await page.goto(host.url)
}, 120_000)
afterAll(async () => {
  await browser?.close()
  await host?.[Symbol.asyncDispose]()
})

/** What the machine of the test has no hardware for: a controller to press, a loudspeaker to listen at. */
function watchDevices() {
  const heard = { playing: 0, rate: 0, volume: 1 }
  const { start, stop } = AudioBufferSourceNode.prototype
  AudioBufferSourceNode.prototype.start = function (...args) {
    heard.playing++
    heard.rate = this.playbackRate.value
    this.addEventListener('ended', () => heard.playing--)
    start.apply(this, args)
  }
  AudioBufferSourceNode.prototype.stop = function (...args) {
    stop.apply(this, args)
  }
  const gain = AudioContext.prototype.createGain
  const gains: GainNode[] = []
  AudioContext.prototype.createGain = function () {
    const node = gain.call(this)
    gains.push(node)
    return node
  }
  Object.assign(window, { heard, master: () => gains[0]?.gain.value })
}

const worker = (): Worker => page.workers().at(-1)!
/** Saves one of the clients and waits until the worker is the new one. */
async function play(name: string): Promise<void> {
  const old = page.workers().at(-1)
  await host.save('client.js', read(`clients/${name}.js`))
  await vi.waitFor(async () => {
    const now = page.workers().at(-1)
    expect(now !== undefined && now !== old).toBe(true)
    expect(await now!.evaluate(() => gameAPI.getFrame())).toBeGreaterThan(2)
  }, WAIT)
}
/** The colour of the picture at a place of the game, 800 by 600 like the window. */
const pixel = (x: number, y: number) =>
  page.evaluate(
    ([px, py]) =>
      new Promise<string>((done) => {
        requestAnimationFrame(() => {
          const canvas = document.querySelector<HTMLCanvasElement>('#game canvas')!
          const scale = canvas.width / 800
          const [r, g, b] = canvas.getContext('2d')!.getImageData(px! * scale, py! * scale, 1, 1).data
          done(`#${[r, g, b].map((part) => part!.toString(16).padStart(2, '0')).join('')}`)
        })
      }),
    [x, y],
  )
const seen = (x: number, y: number, color: string) =>
  vi.waitFor(async () => expect(await pixel(x, y), `at ${x}, ${y}`).toBe(color), WAIT)
/** Any point of a square has that colour: for letters. */
const seenIn = (x: number, y: number, side: number, color: string) =>
  vi.waitFor(async () => {
    for (let i = 0; i < side; i += 4)
      for (let k = 0; k < side; k += 4) if ((await pixel(x + i, y + k)) === color) return
    throw new Error(`no ${color} at ${x}, ${y}`)
  }, WAIT)
const heard = () => page.evaluate(() => Reflect.get(window, 'heard') as { playing: number; rate: number })
const count = () => worker().evaluate(() => (gameAPI.getState() as { count: number }).count)

const CHECKS: Record<string, () => Promise<unknown>> = {
  async me() {
    await seenIn(100, 110, 60, GREEN)
  },
  async players() {
    await seen(100, 100, GREEN)
    await seen(150, 100, GROUND)
  },
  isHost: () => seen(100, 100, '#ffff00'),
  width: () => seen(795, 595, '#ff8800'),
  async keys() {
    await page.keyboard.down('ArrowRight')
    await seen(300, 100, '#00ffff')
    await page.keyboard.up('ArrowRight')
  },
  async pointer() {
    await page.mouse.move(300, 200)
    await seen(300, 200, WHITE)
    await page.mouse.down()
    await seen(300, 200, GREEN)
    await page.mouse.up()
    await seen(300, 200, WHITE)
  },
  async touches() {
    const session = await page.context().newCDPSession(page)
    const touch = (type: 'touchStart' | 'touchEnd', touchPoints: { x: number; y: number; id: number }[]) =>
      session.send('Input.dispatchTouchEvent', { type, touchPoints })
    await touch('touchStart', [
      { x: 200, y: 200, id: 1 },
      { x: 500, y: 400, id: 2 },
    ])
    await seen(200, 200, '#ff00ff')
    await seen(500, 400, '#ff00ff')
    await touch('touchEnd', [])
    await seen(200, 200, GROUND)
  },
  async gamepads() {
    await seen(400, 300, WHITE)
    await page.evaluate(() => {
      const pad = { connected: true, axes: [0.5, -0.5], buttons: [{ value: 1 }] }
      navigator.getGamepads = () => [pad as unknown as Gamepad]
    })
    await seen(500, 200, GREEN)
    await page.evaluate(() => {
      navigator.getGamepads = () => []
    })
  },
  async touchControls() {
    const button = (await page.getByText('Jump').boundingBox())!
    await page.mouse.move(button.x + 20, button.y + 20)
    await page.mouse.down()
    await seen(400, 300, GREEN)
    await page.mouse.up()
    await seen(400, 300, WHITE)
    const stick = (await page.locator('.stick').boundingBox())!
    await page.mouse.move(stick.x + stick.width - 5, stick.y + stick.height / 2)
    await page.mouse.down()
    await vi.waitFor(async () => expect(await pixel(400, 300)).toBe(GROUND), WAIT)
    await page.mouse.up()
  },
  async onState() {
    await vi.waitFor(async () => expect(await count()).toBeGreaterThan(0), WAIT)
    await seen(100 + 60, 100, GREEN)
  },
  async getState() {
    await vi.waitFor(async () => expect(await count()).toBeGreaterThan(1), WAIT)
    await seen(100 + 160, 100, GREEN)
  },
  onUpdate: () => seen(400, 100, GREEN),
  onMessage: () => seen(700, 500, GREEN),
  async onRefused() {
    await seen(400, 300, RED)
    await seenIn(20, 30, 80, RED)
  },
  async onKey() {
    await page.keyboard.press('Space')
    await seen(100, 100, GREEN)
    expect(await pixel(200, 100)).toBe(GROUND)
    await page.keyboard.press('Space')
    await seen(200, 100, GREEN)
  },
  async onPointer() {
    await page.mouse.click(300, 200)
    await seen(300, 200, GREEN)
  },
  send: () => seen(150, 150, GREEN),
  async createSprite() {
    await seen(200, 100, TINTED)
    expect(await pixel(100, 100)).toBe(GROUND) // it was moved
    expect(await pixel(225, 100)).toBe(TINTED) // its tip points to the right
  },
  createText: () => seenIn(110, 130, 40, GREEN),
  async createRect() {
    await seen(145, 125, GREEN)
    await seen(340, 100, RED)
    expect(await pixel(400, 100)).toBe(GROUND)
  },
  async createCircle() {
    await seen(200, 145, GREEN)
    expect(await pixel(240, 140)).toBe(GROUND)
  },
  async createLine() {
    await seen(200, 200, GREEN)
    expect(await pixel(250, 100)).toBe(GROUND)
  },
  async createCanvas() {
    await seen(100, 100, GREEN)
    await seen(250, 200, RED)
    expect(await pixel(390, 290)).toBe(BLUE)
    expect(await pixel(410, 290)).toBe(GROUND)
  },
  async destroySprite() {
    await seen(300, 100, GREEN)
    expect(await pixel(100, 100)).toBe(GROUND)
  },
  async group() {
    const { x, y } = await worker().evaluate(
      () => (gameAPI.getState() as { ships: Record<string, { x: number; y: number }> }).ships[gameAPI.me.id]!,
    )
    await seen(x, y + 5, TINTED)
  },
  setBackground: () => seen(10, 10, GREEN),
  async cleanUpOffscreen() {
    const things = () => worker().evaluate(() => gameAPI.createRect(0, 0, 1, 1).id)
    expect(await things()).toBeGreaterThanOrEqual(101)
    const room = () =>
      worker().evaluate(() => {
        let made = 0
        try {
          for (; made < 1000; made++) gameAPI.createRect(1, 1, 1, 1)
        } catch {}
        return made
      })
    // A screen that was full has room again when the sparks are gone.
    expect(await room()).toBeLessThan(900)
    await vi.waitFor(async () => expect(await room()).toBeGreaterThanOrEqual(100), WAIT)
  },
  async sheet() {
    await seen(70, 100, BLUE)
    expect(await pixel(138, 100)).toBe(BLUE)
  },
  async animation() {
    await seen(100, 100, RED)
    await seen(100, 100, BLUE)
    await seen(100, 100, RED)
    await seen(300, 100, BLUE) // it stays at its last picture
    await seen(500, 100, GREEN)
  },
  tween: () => seen(400, 300, GREEN),
  async camera() {
    await seen(400, 300, GREEN)
    await seen(40, 40, RED)
    const camera = () => worker().evaluate(() => gameAPI.camera.x)
    const before = await camera()
    expect(before).toBeGreaterThan(1400)
    await vi.waitFor(async () => expect(await camera()).toBeGreaterThan(before), WAIT)
    await page.mouse.move(400, 300)
    await vi.waitFor(
      async () => expect(await worker().evaluate(() => gameAPI.pointer.worldX)).toBeGreaterThan(1400),
      WAIT,
    )
  },
  async physics() {
    await seen(200, 300, GREEN)
    await seen(200, 372, '#ffff00')
  },
  async playSound() {
    await page.mouse.click(300, 200)
    await vi.waitFor(async () => expect(await heard()).toMatchObject({ playing: 1, rate: 1.5 }), WAIT)
    await vi.waitFor(async () => expect((await heard()).playing).toBe(0), WAIT)
  },
  async stopSound() {
    await page.mouse.move(300, 200)
    await vi.waitFor(async () => expect((await heard()).playing).toBe(1), WAIT)
    await page.mouse.click(300, 200)
    await vi.waitFor(async () => expect((await heard()).playing).toBe(0), WAIT)
  },
  async volume() {
    const master = () => page.evaluate(() => (Reflect.get(window, 'master') as () => number)())
    await vi.waitFor(async () => expect((await heard()).playing).toBe(1), WAIT)
    expect(await master()).toBe(1)
    await page.keyboard.press('m')
    await vi.waitFor(async () => expect(await master()).toBe(0), WAIT)
  },
  async random() {
    const other = await (await browser.newContext({ viewport: { width: 800, height: 600 } })).newPage()
    await other.goto(host.url)
    await vi.waitFor(async () => {
      expect(
        await other
          .workers()
          .at(-1)!
          .evaluate(() => gameAPI.getFrame()),
      ).toBeGreaterThan(2)
    }, WAIT)
    const next = (of: Page) =>
      of
        .workers()
        .at(-1)!
        .evaluate(() => [gameAPI.random(), gameAPI.random()])
    const numbers = await next(page)
    expect(numbers[0]).not.toBe(numbers[1])
    expect(await next(other)).toEqual(numbers)
    expect([
      await page
        .workers()
        .at(-1)!
        .evaluate(() => gameAPI.isHost()),
      await other
        .workers()
        .at(-1)!
        .evaluate(() => gameAPI.isHost()),
    ]).toEqual([true, false])
    await other.close()
  },
  async getFrame() {
    await seen(100, 100, GREEN)
    await seen(100, 100, GROUND)
  },
  async log() {
    expect(await worker().evaluate(() => typeof gameAPI.log)).toBe('function')
  },
  async onEnd() {
    await page.keyboard.press('e')
    await seen(10, 10, GREEN)
  },
}

it('every example has a check here', () => {
  const clients = readdirSync(new URL('clients', FOLDER)).map((name) => name.replace('.js', ''))
  expect(Object.keys(CHECKS).sort()).toEqual(clients.sort())
})

it.each(Object.keys(CHECKS))('gameAPI.%s does what its example says', async (name) => {
  await play(name)
  await CHECKS[name]!()
  expect(await page.locator('#problem').isVisible()).toBe(false)
})
