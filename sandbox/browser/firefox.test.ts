// The isolation in another make of browser: Firefox, where it is installed. Its workers cannot be looked into from outside, so the game says
// what it found to its server, and a second player reads it there.
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { TestPlayer } from '../testing/host.ts'
import { Firefox, findFirefox } from './testing/firefox.ts'
import { startWired, type WiredHost } from './testing/wired.ts'

const WAIT = { timeout: 60_000, interval: 50 }
const program = findFirefox()
const SERVER = `
  export const setup = () => ({ phase: 'play', reports: {} })
  export const actions = {
    report(state, player, { name, value }) { state.reports[name] = value },
    phase(state, player, phase) { state.phase = phase },
  }`
const CLIENT = (url: string) => `
  const report = (name, value) => gameAPI.send('report', { name, value })
  const tries = {
    fetch: () => fetch('${url}/fetch'),
    XMLHttpRequest: () => new XMLHttpRequest(),
    WebSocket: () => new WebSocket('${url.replace('http', 'ws')}/socket'),
    EventSource: () => new EventSource('${url}/events'),
    WebTransport: () => new WebTransport('${url}'),
    importScripts: () => importScripts('${url}/script'),
    Worker: () => new Worker('data:text/javascript,0'),
    SharedWorker: () => new SharedWorker('data:text/javascript,0'),
    localStorage: () => localStorage.setItem('test', 'data'),
    indexedDB: () => indexedDB.open('x'),
    caches: () => caches.open('x'),
    navigator: () => navigator.sendBeacon('${url}/beacon'),
    BroadcastChannel: () => new BroadcastChannel('x'),
    MessageChannel: () => new MessageChannel(),
    postMessage: () => postMessage({ n: 1 }),
    WebAssembly: () => WebAssembly.Memory,
    OffscreenCanvas: () => new OffscreenCanvas(9, 9),
    location: () => location.href,
    close: () => close(),
  }
  const answers = {}
  for (const name of Object.keys(tries))
    try { tries[name](); answers[name] = 'allowed' } catch (error) { answers[name] = String(error) }
  report('names', answers)
  const code = [
    async () => eval('1'),
    async () => new Function('return 1')(),
    async () => (async () => {}).constructor('return 1')(),
  ]
  Promise.all(code.map((each) => each().then(() => 'allowed', (error) => error.name))).then((names) => report('code', names))
  let phase = 'play'
  gameAPI.onState((state) => { phase = state.phase })
  gameAPI.onUpdate(() => {
    if (gameAPI.getFrame() % 10 === 0) report('frames', gameAPI.getFrame())
    if (phase === 'loop') for (let i = 0; i >= 0; i++) phase = 'loop'
    if (phase === 'spin') Array.prototype.indexOf.call({ length: 2 ** 53 - 1 }, 1)
  })`

describe.skipIf(program === undefined)(
  program ? 'in Firefox' : 'in Firefox, which is not installed here (Debian: apt-get install firefox-esr)',
  () => {
    vi.setConfig({ testTimeout: 180_000, hookTimeout: 120_000 })
    const stack = new AsyncDisposableStack()
    const heard: string[] = []
    let firefox: Firefox
    let host: WiredHost
    let reader: TestPlayer
    let [captureUrl, siteUrl] = ['', '']

    beforeAll(async () => {
      const listen = async (answer: Parameters<typeof createServer>[1]) => {
        const server = createServer(answer).listen(0, '127.0.0.1')
        await once(server, 'listening')
        stack.defer(() => {
          server.closeAllConnections()
          return new Promise((done) => server.close(() => done()))
        })
        return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
      }
      captureUrl = await listen((request, response) => {
        heard.push(`${request.method} ${request.url}`)
        response.setHeader('access-control-allow-origin', '*')
        response.end('0')
      })
      siteUrl = await listen((_, response) => {
        response.setHeader('content-type', 'text/html')
        response.end(
          `<title>site</title><iframe sandbox="allow-scripts" allow="gamepad *" referrerpolicy="no-referrer" src="${host.url}"></iframe>`,
        )
      })
      host = stack.use(await startWired({ 'server.js': SERVER, 'client.js': CLIENT(captureUrl) }, '--site', siteUrl))
      reader = stack.use(await TestPlayer.join(host.url))
      firefox = stack.use(await Firefox.launch(program!))
    })
    afterAll(() => stack.disposeAsync())

    const reports = () => (reader.state as unknown as { reports: Record<string, unknown> }).reports
    const reported = (name: string) =>
      vi.waitFor(() => {
        expect(reports()).toHaveProperty(name)
        return reports()[name]
      }, WAIT)

    it('[B01 B02 B03 B04 B05 B07 B08] the game plays, finds nothing that leads out, and is stopped when it does not come back', async () => {
      const tab = await firefox.open(host.url)
      const names = (await reported('names')) as Record<string, string>
      for (const [name, answer] of Object.entries(names)) expect(answer).toBe(`ReferenceError: ${name} is not defined`)
      expect(Object.keys(names).length).toBeGreaterThan(15)
      expect(await reported('code')).toEqual(['EvalError', 'EvalError', 'EvalError'])
      await vi.waitFor(async () => expect(await reported('frames')).toBeGreaterThan(20), WAIT)

      const problem = () =>
        firefox.evaluate(tab, `((card) => (card.hidden ? '' : card.innerText))(document.querySelector('#problem'))`)
      expect(await problem()).toBe('')
      reader.act('phase', 'loop')
      await vi.waitFor(
        async () => expect(await problem()).toMatch(/Loop ran longer than 3000 ms \(client\.js:\d+\)/),
        WAIT,
      )
      reader.act('phase', 'spin')
      await firefox.evaluate(tab, `document.querySelector('#problem .reload').click()`)
      await vi.waitFor(
        async () => expect(await problem()).toMatch(/did not come back for 5 seconds and was stopped/),
        WAIT,
      )
      reader.act('phase', 'play')
      await vi.waitFor(async () => {
        const before = Number(reports().frames)
        await vi.waitFor(() => expect(reports().frames).not.toBe(before), { timeout: 2_000, interval: 20 })
        expect(await problem()).toBe('')
      }, WAIT)
    })

    it('[B11 B12 B13 B24 B25] the runtime’s own document in the site’s frame could not leave either', async () => {
      const tab = await firefox.open(siteUrl)
      const frame = await vi.waitFor(async () => {
        const found = (await firefox.tabs()).find(({ context }) => context === tab)?.children?.[0]
        expect(found?.url).toBe(host.url)
        return found!.context
      }, WAIT)
      const answers = await firefox.evaluate(
        frame,
        `(async () => {
          const url = '${captureUrl}'
          const tried = async (attempt) => { try { await attempt(); return 'allowed' } catch (error) { return error.name } }
          for (const tag of ['img', 'script', 'iframe']) document.head.append(Object.assign(document.createElement(tag), { src: url + '/' + tag }))
          for (const rel of ['stylesheet', 'prefetch', 'preload', 'icon', 'preconnect', 'dns-prefetch'])
            document.head.append(Object.assign(document.createElement('link'), { rel, href: url + '/' + rel, as: 'image' }))
          document.body.style.backgroundImage = 'url(' + url + '/css)'
          navigator.sendBeacon(url + '/beacon')
          const form = Object.assign(document.createElement('form'), { action: url + '/form' })
          document.body.append(form)
          form.submit()
          return {
            origin: self.origin,
            fetch: await tried(() => fetch(url + '/fetch')),
            storage: await tried(() => localStorage.length),
            cookie: await tried(() => document.cookie),
            database: await tried(() => new Promise((done, fail) => {
              const request = indexedDB.open('x')
              request.onsuccess = done
              request.onerror = () => fail(request.error)
            })),
            top: await tried(() => top.location.href),
            parent: await tried(() => parent.document),
            navigate: await tried(() => { top.location.href = url + '/top' }),
            popup: String(window.open(url + '/popup')),
            referrer: document.referrer,
            screen: await tried(() => document.documentElement.requestFullscreen()),
            pads: await tried(() => navigator.getGamepads()),
          }
        })()`,
      )
      expect(answers).toEqual({
        origin: 'null',
        fetch: 'TypeError',
        storage: 'SecurityError',
        cookie: 'SecurityError',
        database: expect.stringMatching(/Error$/),
        top: 'SecurityError',
        parent: 'SecurityError',
        navigate: 'SecurityError',
        popup: 'null',
        referrer: '',
        screen: 'TypeError',
        pads: 'allowed',
      })
      const [site] = (await firefox.tabs()).filter(({ context }) => context === tab)
      expect(site?.url).toBe(`${siteUrl}/`)
    })

    it('[B13] and when all is done, the capture server has heard nothing but what it may hear', async () => {
      const tab = await firefox.open(siteUrl)
      await firefox.evaluate(tab, `fetch('${captureUrl}/allowed').then(() => true)`)
      expect(heard).toEqual(['GET /allowed'])
    })
  },
)
