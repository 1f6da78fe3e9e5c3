// Requests that no browser makes, byte by byte, against the real host: each gets its 4xx and loses its own connection only.
import { connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { gameFolder } from '../testing/folder.ts'
import { type HostProcess, startHost, TestPlayer } from '../testing/host.ts'
import { HANDSHAKE } from '../testing/raw.ts'
import { until } from '../testing/until.ts'

let folder: ReturnType<typeof gameFolder>
let host: HostProcess & { url: string }
beforeAll(async () => {
  folder = gameFolder({ 'server.js': 'export const setup = () => ({})' })
  host = await startHost(folder.path)
})
afterAll(async () => {
  await host[Symbol.asyncDispose]()
  folder[Symbol.dispose]()
})

/** All that the host answers to `text` until it closes. */
const say = (text: string) =>
  new Promise<string>((resolve) => {
    let answer = ''
    connect(Number(new URL(host.url).port), '127.0.0.1')
      .on('data', (chunk) => (answer += chunk))
      .on('error', () => {}) // 'close' follows
      .on('close', () => resolve(answer))
      .write(text)
  })
const statuses = (answer: string) => [...answer.matchAll(/^HTTP\/1\.1 (\d+)/gm)].map(([, status]) => Number(status))
const SMUGGLED = 'GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n'
const get = (...headers: string[]) => `GET / HTTP/1.1\r\n${headers.map((line) => `${line}\r\n`).join('')}\r\n`
const many = (count: number) => Array.from({ length: count }, (_, i) => `X-${i}: 1`)
const upgrade = (path: string, ...headers: string[]) =>
  `${HANDSHAKE.replace('/ws', path) + headers.map((line) => `${line}\r\n`).join('')}\r\n` // prettier-ignore

describe('[LM7] one answer, and the connection is closed:', () => {
  const cases: [what: string, text: string, status: number][] = [
    ['two lengths', get('Host: a', 'Content-Length: 0', `Content-Length: ${SMUGGLED.length}`) + SMUGGLED, 400],
    [
      'a length and chunks',
      `${get('Host: a', 'Content-Length: 5', 'Transfer-Encoding: chunked')}0\r\n\r\n${SMUGGLED}`,
      400,
    ],
    ['chunks', `${get('Host: a', 'Transfer-Encoding: chunked')}0\r\n\r\n${SMUGGLED}`, 400],
    ['an encoding that is none', `${get('Host: a', 'Transfer-Encoding: xchunked')}0\r\n\r\n${SMUGGLED}`, 400],
    ['a space before the colon', `${get('Host: a', 'Transfer-Encoding : chunked')}0\r\n\r\n${SMUGGLED}`, 400],
    ['a folded header', get('Host: a', 'X: b', ' c') + SMUGGLED, 400],
    ['a line feed alone', `GET / HTTP/1.1\nHost: a\nX: b\n\n${SMUGGLED}`, 400],
    ['a length that is no number', get('Host: a', 'Content-Length: +5') + SMUGGLED, 400],
    ['a body', get('Host: a', `Content-Length: ${SMUGGLED.length}`) + SMUGGLED, 400],
    ['a zero byte', get('Host: a', 'X: \0') + SMUGGLED, 400],
    ['no host', get('X: 1') + SMUGGLED, 400],
    ['101 headers', get('Host: a', ...many(100)) + SMUGGLED, 400],
    ['17 KiB of headers', get('Host: a', `X: ${'x'.repeat(17 * 1024)}`) + SMUGGLED, 431],
    ['17 KiB of address', `GET /${'x'.repeat(17 * 1024)} HTTP/1.1\r\nHost: a\r\n\r\n${SMUGGLED}`, 431],
    ['another method', `POST / HTTP/1.1\r\nHost: a\r\n\r\n${SMUGGLED}`, 405],
    ['another version', `GET / HTTP/3.0\r\nHost: a\r\n\r\n${SMUGGLED}`, 400],
    ['HTTP/2', `PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n${SMUGGLED}`, 400],
    ['an upgrade elsewhere', upgrade('/wsx') + SMUGGLED, 404],
    ['an upgrade of another server', upgrade('http://other/ws') + SMUGGLED, 404],
    ['an upgrade to HTTP/2', get('Host: a', 'Connection: Upgrade', 'Upgrade: h2c') + SMUGGLED, 404],
    ['an upgrade with a body', upgrade('/ws', 'Content-Length: 5') + SMUGGLED, 400],
    ['an upgrade with 100 more headers', upgrade('/ws', ...many(100)) + SMUGGLED, 400],
    ['an upgrade without a key', get('Host: a', 'Connection: Upgrade', 'Upgrade: websocket').replace('/', '/ws'), 400],
    ['an upgrade to another version', upgrade('/ws').replace('Version: 13', 'Version: 7'), 400],
  ] // prettier-ignore
  for (const [what, text, status] of cases) {
    it(`${what}: ${status}`, async () => {
      expect(statuses(await say(text))).toEqual([status])
    })
  }

  it('a tunnel: no answer at all', async () => {
    expect(await say(`CONNECT other:80 HTTP/1.1\r\nHost: other:80\r\n\r\n${SMUGGLED}`)).toBe('')
  })

  it('but 98 headers are served, two requests on one connection too', async () => {
    const last = get('Host: a', 'Connection: close', ...many(98))
    expect(statuses(await say(get('Host: a', 'Content-Length: 0') + last))).toEqual([200, 200])
  })
})

it('[LM7] who never ends the headers, or says nothing at all, is closed; meanwhile others are served', async () => {
  const start = performance.now()
  let over = false
  const slow = new Promise<string>((resolve) => {
    let answer = ''
    const socket = connect(Number(new URL(host.url).port), '127.0.0.1')
    socket.write('GET / HTTP/1.1\r\nHost: a\r\n')
    const timer = setInterval(() => socket.write('X: 1\r\n'), 100)
    socket.on('data', (chunk) => (answer += chunk)).on('error', () => {})
    socket.on('close', () => {
      clearInterval(timer)
      resolve(answer)
    })
  })
  const both = Promise.all([slow, say('')]).then((answers) => {
    over = true
    return answers
  })
  for (let served = 0; served < 20; served++) expect((await fetch(host.url)).status).toBe(200)
  await using player = await TestPlayer.join(host.url)
  await until(() => over, 'both are closed')
  expect((await both).map((answer) => statuses(answer)[0])).toEqual([408, 408])
  expect(performance.now() - start).toBeGreaterThan(2_000) // they had their time
  expect(player.closed).toBeUndefined()
})
