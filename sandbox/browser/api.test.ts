// Runs the example of each function of gameAPI for real, several at once in one browser, each in a room of its own, and looks at the picture it makes.
import { readdirSync, readFileSync } from 'node:fs'
import { launchChromium } from '@sandlot/shared/testing/chromium.ts'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { join, type Visitor, type visit, WAIT } from './testing/visitor.ts'
import { startWired, type WiredHost } from './testing/wired.ts'

const FOLDER = new URL('../examples/api/', import.meta.url)
const read = (path: string) => readFileSync(new URL(path, FOLDER))
const LANES = 4 // what they do is mostly wait for pictures
vi.setConfig({ testTimeout: 120_000, maxConcurrency: LANES })
const TINTED = '#07ff07' // without a graphics card, tints are rounded
const [GREEN, RED, BLUE, WHITE] = ['#00ff00', '#ff0000', '#0000ff', '#ffffff']
const GROUND = '#10131a'
const VIEWPORT = { width: 800, height: 600 } // that of the game: a place of the picture is one of the window

let browser: Browser
beforeAll(async () => {
  browser = await launchChromium()
})
afterAll(async () => {
  for (const lane of [...idle, ...idleServerless]) await lane[Symbol.asyncDispose]()
  await browser.close()
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

/** A room with one player in it, in which one example after the other is played. */
class Lane implements AsyncDisposable {
  readonly host: WiredHost
  readonly player: Visitor

  private constructor(host: WiredHost, player: Visitor) {
    this.host = host
    this.player = player
  }

  static async open(hasServer: boolean): Promise<Lane> {
    const assets = readdirSync(new URL('assets', FOLDER)).map((name) => [`assets/${name}`, read(`assets/${name}`)])
    const host = await startWired({
      ...(hasServer && { 'server.js': read('server.js') }),
      'client.js': 'gameAPI.log("empty")',
      ...Object.fromEntries(assets),
    })
    const before: Parameters<typeof visit>[2] = {
      viewport: VIEWPORT,
      before: (page) => page.addInitScript(watchDevices),
    }
    const player = await join(browser, host.url, before)
    await player.page.keyboard.press('x') // browsers are silent until the player has done something
    return new Lane(host, player)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.player[Symbol.asyncDispose]()
    await this.host[Symbol.asyncDispose]()
  }

  get page() {
    return this.player.page
  }
  worker() {
    return this.player.worker()
  }

  /** Saves one of the clients and waits until the worker is the new one. */
  async play(name: string): Promise<void> {
    const old = this.worker()
    await this.host.save('client.js', read(`clients/${name}.js`))
    await vi.waitFor(async () => {
      expect(this.worker() === old, this.host.output().slice(-500)).toBe(false)
      expect(await this.player.frame()).toBeGreaterThan(2)
    }, WAIT)
  }

  /** The colours of the picture at places of the game. */
  pixels(places: [number, number][]): Promise<string[]> {
    return this.page.evaluate(
      (at) =>
        new Promise<string[]>((done) => {
          requestAnimationFrame(() => {
            const canvas = document.querySelector<HTMLCanvasElement>('#game canvas')!
            const scale = canvas.width / 800
            const context = canvas.getContext('2d')!
            const hex = (part: number) => part.toString(16).padStart(2, '0')
            done(
              at.map(([x, y]) => {
                const [r, g, b] = context.getImageData(x * scale, y * scale, 1, 1).data
                return `#${hex(r!)}${hex(g!)}${hex(b!)}`
              }),
            )
          })
        }),
      places,
    )
  }
  async pixel(x: number, y: number): Promise<string> {
    return (await this.pixels([[x, y]]))[0]!
  }
  readonly seen = (x: number, y: number, color: string) =>
    vi.waitFor(async () => expect(await this.pixel(x, y), `at ${x}, ${y}`).toBe(color), WAIT)
  /** Any point of a square has that colour: for letters. */
  readonly seenIn = (x: number, y: number, side: number, color: string) =>
    vi.waitFor(async () => {
      const places: [number, number][] = []
      for (let i = 0; i < side; i += 4) for (let k = 0; k < side; k += 4) places.push([x + i, y + k])
      expect(await this.pixels(places), `in the square at ${x}, ${y}`).toContain(color)
    }, WAIT)
  heard() {
    return this.page.evaluate(() => Reflect.get(window, 'heard') as { playing: number; rate: number })
  }
  count() {
    return this.worker().evaluate(() => (gameAPI.getState() as { count: number }).count)
  }
}

/** Rooms that wait for the next example. */
const idle: Lane[] = []
/** The same, of a game without server.js. */
const idleServerless: Lane[] = []
const SERVERLESS = new Set(['setState', 'sendInput', 'getInputs'])

const CHECKS: Record<string, (lane: Lane) => Promise<unknown>> = {
  async me(lane) {
    await lane.seenIn(100, 110, 60, GREEN)
  },
  async players(lane) {
    await lane.seen(100, 100, GREEN)
    await lane.seen(150, 100, GROUND)
  },
  isHost: (lane) => lane.seen(100, 100, '#ffff00'),
  width: (lane) => lane.seen(795, 595, '#ff8800'),
  async keys(lane) {
    const path: [number, number][] = []
    for (let x = 200; x < 800; x += 20) path.push([x, 100])
    await vi.waitFor(async () => {
      await lane.page.keyboard.press('ArrowRight')
      expect(await lane.pixels(path)).toContain('#00ffff')
    }, WAIT)
  },
  async pointer(lane) {
    await lane.page.mouse.move(300, 200)
    await lane.seen(300, 200, WHITE)
    await lane.page.mouse.down()
    await lane.seen(300, 200, GREEN)
    await lane.page.mouse.up()
    await lane.seen(300, 200, WHITE)
  },
  async touches(lane) {
    const session = await lane.page.context().newCDPSession(lane.page)
    const touch = (type: 'touchStart' | 'touchEnd', touchPoints: { x: number; y: number; id: number }[]) =>
      session.send('Input.dispatchTouchEvent', { type, touchPoints })
    await touch('touchStart', [
      { x: 200, y: 200, id: 1 },
      { x: 500, y: 400, id: 2 },
    ])
    await lane.seen(200, 200, '#ff00ff')
    await lane.seen(500, 400, '#ff00ff')
    await touch('touchEnd', [])
    await lane.seen(200, 200, GROUND)
  },
  async gamepads(lane) {
    await lane.seen(400, 300, WHITE)
    await lane.page.evaluate(() => {
      const pad = { connected: true, axes: [0.5, -0.5], buttons: [{ value: 1 }] }
      navigator.getGamepads = () => [pad as unknown as Gamepad]
    })
    await lane.seen(500, 200, GREEN)
    await lane.page.evaluate(() => {
      navigator.getGamepads = () => []
    })
  },
  async touchControls(lane) {
    const button = (await lane.page.getByText('Jump').boundingBox())!
    await lane.page.mouse.move(button.x + 20, button.y + 20)
    await lane.page.mouse.down()
    await lane.seen(400, 300, GREEN)
    await lane.page.mouse.up()
    await lane.seen(400, 300, WHITE)
    const stick = (await lane.page.locator('.stick').boundingBox())!
    await lane.page.mouse.move(stick.x + stick.width - 5, stick.y + stick.height / 2)
    await lane.page.mouse.down()
    await vi.waitFor(async () => expect(await lane.pixel(400, 300)).toBe(GROUND), WAIT)
    await lane.page.mouse.up()
  },
  async onState(lane) {
    await vi.waitFor(async () => expect(await lane.count()).toBeGreaterThan(0), WAIT)
    await lane.seen(100 + 60, 100, GREEN)
  },
  async getState(lane) {
    for (let i = 0; i < 2; i++) await lane.worker().evaluate(() => gameAPI.send('count'))
    await vi.waitFor(async () => expect(await lane.count()).toBeGreaterThan(1), WAIT)
    await lane.seen(100 + 160, 100, GREEN)
  },
  onUpdate: (lane) => lane.seen(400, 100, GREEN),
  onMessage: (lane) => lane.seen(700, 500, GREEN),
  async onRefused(lane) {
    await lane.seen(400, 300, RED)
    await lane.seenIn(20, 30, 80, RED)
  },
  async onKey(lane) {
    await lane.page.keyboard.press('Space')
    await lane.seen(100, 100, GREEN)
    expect(await lane.pixel(200, 100)).toBe(GROUND)
    await lane.page.keyboard.press('Space')
    await lane.seen(200, 100, GREEN)
  },
  async onPointer(lane) {
    await lane.page.mouse.click(300, 200)
    await lane.seen(300, 200, GREEN)
  },
  send: (lane) => lane.seen(150, 150, GREEN),
  async createSprite(lane) {
    await lane.seen(200, 100, TINTED)
    expect(await lane.pixel(100, 100)).toBe(GROUND) // it was moved
    expect(await lane.pixel(225, 100)).toBe(TINTED) // its tip points to the right
  },
  createText: (lane) => lane.seenIn(110, 130, 40, GREEN),
  async createRect(lane) {
    await lane.seen(145, 125, GREEN)
    await lane.seen(340, 100, RED)
    expect(await lane.pixel(400, 100)).toBe(GROUND)
  },
  async createCircle(lane) {
    await lane.seen(200, 145, GREEN)
    expect(await lane.pixel(240, 140)).toBe(GROUND)
  },
  async createLine(lane) {
    await lane.seen(200, 200, GREEN)
    expect(await lane.pixel(250, 100)).toBe(GROUND)
  },
  async createCanvas(lane) {
    await lane.seen(100, 100, GREEN)
    await lane.seen(250, 200, RED)
    expect(await lane.pixel(390, 290)).toBe(BLUE)
    expect(await lane.pixel(410, 290)).toBe(GROUND)
  },
  async destroySprite(lane) {
    await lane.seen(300, 100, GREEN)
    expect(await lane.pixel(100, 100)).toBe(GROUND)
  },
  async group(lane) {
    const { x, y } = await lane
      .worker()
      .evaluate(() => (gameAPI.getState() as { ships: Record<string, { x: number; y: number }> }).ships[gameAPI.me.id]!)
    await lane.seen(x, y + 5, TINTED)
  },
  setBackground: (lane) => lane.seen(10, 10, GREEN),
  async cleanUpOffscreen(lane) {
    const things = () => lane.worker().evaluate(() => gameAPI.createRect(0, 0, 1, 1).id)
    expect(await things()).toBeGreaterThanOrEqual(101)
    const room = () =>
      lane.worker().evaluate(() => {
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
  async sheet(lane) {
    await lane.seen(70, 100, BLUE)
    expect(await lane.pixel(138, 100)).toBe(BLUE)
  },
  async animation(lane) {
    await lane.seen(100, 100, RED)
    await lane.seen(100, 100, BLUE)
    await lane.seen(100, 100, RED)
    await lane.seen(300, 100, BLUE) // it stays at its last picture
    await lane.seen(500, 100, GREEN)
  },
  tween: (lane) => lane.seen(400, 300, GREEN),
  async camera(lane) {
    await lane.seen(400, 300, GREEN)
    await lane.seen(40, 40, RED)
    const camera = () => lane.worker().evaluate(() => gameAPI.camera.x)
    const before = await camera()
    expect(before).toBeGreaterThan(1400)
    await vi.waitFor(async () => expect(await camera()).toBeGreaterThan(before), WAIT)
    await lane.page.mouse.move(400, 300)
    await vi.waitFor(
      async () => expect(await lane.worker().evaluate(() => gameAPI.pointer.worldX)).toBeGreaterThan(1400),
      WAIT,
    )
  },
  async physics(lane) {
    await lane.seen(200, 300, GREEN)
    await lane.seen(200, 372, '#ffff00')
  },
  async playSound(lane) {
    await lane.page.mouse.click(300, 200)
    await vi.waitFor(async () => expect(await lane.heard()).toMatchObject({ playing: 1, rate: 1.5 }), WAIT)
    await vi.waitFor(async () => expect((await lane.heard()).playing).toBe(0), WAIT)
  },
  async stopSound(lane) {
    await lane.page.mouse.move(300, 200)
    await vi.waitFor(async () => expect((await lane.heard()).playing).toBe(1), WAIT)
    await lane.page.mouse.click(300, 200)
    await vi.waitFor(async () => expect((await lane.heard()).playing).toBe(0), WAIT)
  },
  async volume(lane) {
    const master = () => lane.page.evaluate(() => (Reflect.get(window, 'master') as () => number)())
    await vi.waitFor(async () => expect((await lane.heard()).playing).toBe(1), WAIT)
    expect(await master()).toBe(1)
    await lane.page.keyboard.press('m')
    await vi.waitFor(async () => expect(await master()).toBe(0), WAIT)
  },
  async random(lane) {
    await using other = await join(browser, lane.host.url, { viewport: VIEWPORT })
    const next = ({ worker }: Visitor) => worker().evaluate(() => [gameAPI.random(), gameAPI.random()])
    const numbers = await next(lane.player)
    expect(numbers[0]).not.toBe(numbers[1])
    expect(await next(other)).toEqual(numbers)
    const hosts = [lane.player, other].map(({ worker }) => worker().evaluate(() => gameAPI.isHost()))
    expect(await Promise.all(hosts)).toEqual([true, false])
  },
  async getFrame(lane) {
    await lane.seen(100, 100, GREEN)
    await lane.seen(100, 100, GROUND)
  },
  async log(lane) {
    expect(await lane.worker().evaluate(() => typeof gameAPI.log)).toBe('function')
  },
  async setState(lane) {
    const turn = () => lane.worker().evaluate(() => (gameAPI.getState() as { turn?: number } | null)?.turn ?? 0)
    const before = await turn()
    await vi.waitFor(async () => expect(await turn()).toBeGreaterThan(before), WAIT)
  },
  async sendInput(lane) {
    await lane.seen(400, 300, WHITE)
    await lane.page.keyboard.down('ArrowRight')
    const path: [number, number][] = []
    for (let x = 460; x < 800; x += 20) path.push([x, 300])
    await vi.waitFor(async () => expect(await lane.pixels(path)).toContain(WHITE), WAIT)
    await lane.page.keyboard.up('ArrowRight')
  },
  async getInputs(lane) {
    await lane.seenIn(20, 20, 40, GREEN)
  },
  async onEnd(lane) {
    await lane.page.keyboard.press('e')
    await lane.seen(10, 10, GREEN)
  },
}

/** After these their room is not as it was: it has ended, or a second player has a seat in it. */
const USED_UP = new Set(['onEnd', 'random'])

it('every example has a check here', () => {
  const clients = readdirSync(new URL('clients', FOLDER)).map((name) => name.replace('.js', ''))
  expect(Object.keys(CHECKS).sort()).toEqual(clients.sort())
})

it.concurrent.each(Object.keys(CHECKS))('gameAPI.%s does what its example says', async (name) => {
  const hasServer = !SERVERLESS.has(name)
  const waiting = hasServer ? idle : idleServerless
  const lane = waiting.pop() ?? (await Lane.open(hasServer))
  try {
    await lane.play(name)
    await CHECKS[name]!(lane)
    expect(await lane.player.problem.isVisible()).toBe(false)
  } catch (error) {
    await lane[Symbol.asyncDispose]() // whatever it did to this one
    throw error
  }
  if (USED_UP.has(name)) await lane[Symbol.asyncDispose]()
  else waiting.push(lane)
})
