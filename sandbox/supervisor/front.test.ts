// The front door of development, as a browser sees it.
import { mkdirSync } from 'node:fs'
import { createServer, request } from 'node:http'
import { connect } from 'node:net'
import { join } from 'node:path'
import { close, listen } from '@sandlot/shared/listen.ts'
import { pino } from 'pino'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { CLIENT, writeFiles } from '../testing/folder.ts'
import { frontServer, type Games } from './front.ts'
import type { Host } from './host.ts'
import { type TestNode, testNode } from './testing/node.ts'
import { until } from './testing/until.ts'

let node: TestNode
beforeAll(async () => {
  node = await testNode()
  await node.game('hello')
})
afterAll(() => node[Symbol.asyncDispose]())

/** Status of an attempt to open a websocket. */
const upgrade = (path: string) =>
  new Promise<number>((resolve, reject) => {
    const headers = {
      connection: 'Upgrade',
      upgrade: 'websocket',
      'sec-websocket-version': '13',
      'sec-websocket-key': Buffer.alloc(16).toString('base64'),
    }
    request(`${node.front}${path}`, { headers })
      .on('response', (response) => resolve(response.statusCode!))
      .on('upgrade', (response, socket) => {
        socket.destroy()
        resolve(response.statusCode!)
      })
      .on('error', reject)
      .end()
  })

describe('the front door', () => {
  it('starts a game that does not run, and shows its page below its prefix to the site alone', async () => {
    expect(await node.control.games.list.query()).toMatchObject([{ state: 'stopped' }])
    const page = await fetch(`${node.front}/hello/`)
    expect(page.status).toBe(200)
    const policy = page.headers.get('content-security-policy')!
    expect(policy).toContain(`${node.front}/hello/build/`)
    expect(policy).toContain('frame-ancestors http://localhost:4000')
    expect(await node.control.games.list.query()).toMatchObject([{ state: 'running' }])
  })

  it('drops what a client claims about the way it came', async () => {
    const headers = { 'x-forwarded-host': 'evil.example', 'x-forwarded-prefix': '/other', 'x-forwarded-proto': 'https' }
    const page = await fetch(`${node.front}/hello/`, { headers })
    expect(page.headers.get('content-security-policy')).toContain(`${node.front}/hello/`)
    expect(page.headers.get('content-security-policy')).not.toContain('evil')
  })

  it('carries websockets both ways', async () => {
    const player = await node.play('hello', await node.room('hello'), 'front')
    player.act('move', { dx: 1, dy: 0 })
    await until('the move', () => player.messages.some(({ t }) => t === 'delta'))
    player.leave()
  })

  it('sends /GAME to /GAME/', async () => {
    const answer = await fetch(`${node.front}/hello?x`, { redirect: 'manual' })
    expect(answer.status).toBe(308)
    expect(answer.headers.get('location')).toBe('/hello/')
  })

  it('says 404 in words for a game that does not exist, and for the root, on HTTP and websocket', async () => {
    for (const path of ['/', '/nothing/', '/nothing/ws', '/../hello', '/%2e%2e/', '/HELLO/']) {
      const page = await fetch(`${node.front}${path}`.replace('/../', '/..%2f'))
      expect(page.status, path).toBe(404)
      expect(await page.text()).toContain('There is no such game here')
    }
    expect(await upgrade('/nothing/ws')).toBe(404)
    expect(await upgrade('/hello/ws')).toBe(101)
  })

  it('survives requests that no browser makes', async () => {
    const say = (text: string) =>
      new Promise<string>((resolve, reject) => {
        const { hostname, port } = new URL(node.front)
        let answer = ''
        connect(Number(port), hostname)
          .on('data', (chunk) => {
            answer += chunk
          })
          .on('close', () => resolve(answer))
          .on('error', reject)
          .write(text)
      })
    const upgrade = 'Connection: Upgrade\r\nUpgrade: websocket\r\n'
    expect(await say('GET /hello/ HTTP/1.0\r\n\r\n')).toMatch(/^HTTP\/1\.1 \d/)
    expect(await say('GET http://[/ HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n')).toContain(' 404 ')
    expect(await say(`GET /hello/ws HTTP/1.1\r\nHost: a b\r\n${upgrade}\r\n`)).not.toContain(' 101 ')
    expect(await say(`GET /hello/ws HTTP/1.0\r\n${upgrade}\r\n`)).not.toContain(' 101 ')
    expect((await fetch(`${node.front}/hello/`)).status).toBe(200)
  })

  it('says 503 and the place of the mistake for a game that has no working build', async () => {
    await node.stop()
    mkdirSync(node.folder('broken')) // a game of a template would have worked once
    writeFiles(node.folder('broken'), { 'client.js': CLIENT, 'server.js': 'export const = 1\n' })
    await node.start()
    await until('the problem', async () => {
      const answer = await node.control.games.status.query({ game: 'broken' })
      return answer.ok && answer.status.problem
    })
    const page = await fetch(`${node.front}/broken/`)
    expect(page.status).toBe(503)
    expect(page.headers.get('retry-after')).toBe('5')
    expect(await page.text()).toContain('server.js:1')
    expect(await upgrade('/broken/ws')).toBe(503)
  })
})

describe('the front door behind a proxy', () => {
  const asked = async (behindProxy: boolean) => {
    await using stack = new AsyncDisposableStack()
    const path = join(node.data, `echo-${behindProxy}.sock`)
    const game = createServer((incoming, response) => response.end(JSON.stringify([incoming.url, incoming.headers])))
    stack.defer(() => close(game))
    await listen(game, { path }, 'TEST')
    const games: Games = { ready: async () => ({ ok: true, host: { playSocket: path } as Host }) }
    const front = frontServer(games, pino({ level: 'silent' }), undefined, behindProxy)
    stack.defer(() => close(front))
    const where = await listen(front, { host: '127.0.0.1', port: 0 }, 'TEST')
    const headers = { 'x-forwarded-proto': 'https', 'x-forwarded-host': 'play.example', 'x-forwarded-for': '192.0.2.7' }
    const answer = await fetch(`${where}/hello/a?b`, { headers: { ...headers, 'x-forwarded-prefix': '/other' } })
    return (await answer.json()) as [string, Record<string, string>]
  }

  it('believes it where a request came from, and never which game it is for', async () => {
    const [url, headers] = await asked(true)
    expect(url).toBe('/a?b')
    expect(headers).toMatchObject({
      'x-forwarded-proto': 'https',
      'x-forwarded-host': 'play.example',
      'x-forwarded-for': '192.0.2.7',
      'x-forwarded-prefix': '/hello',
    })
  })

  it('and without one believes nobody', async () => {
    const [, headers] = await asked(false)
    expect(headers).toMatchObject({
      'x-forwarded-proto': 'http',
      'x-forwarded-for': '127.0.0.1',
      'x-forwarded-prefix': '/hello',
    })
    expect(headers['x-forwarded-host']).toMatch(/^127\.0\.0\.1:/)
  })
})
