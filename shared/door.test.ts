// The walls of a door, each tried from outside; its router is a page that repeats what it was told.
import { once } from 'node:events'
import { Agent, request, type Server } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { type DoorOptions, doorServer } from './door.ts'
import { close, listen } from './listen.ts'

const ALLOWED = { authorization: 'Bearer n1', 'content-type': 'application/json' }
const running: Server[] = []
const sockets: Socket[] = []
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy()
  await Promise.all(running.splice(0).map(close))
})

interface Told {
  why: string
  count: number
}

async function door(options: Partial<DoorOptions> = {}) {
  const told: Told[] = []
  const server = doorServer({
    caller: (incoming) => /^Bearer (\w+)$/.exec(incoming.headers.authorization ?? '')?.[1] ?? null,
    maxBodyBytes: 10_000,
    callsPerSecond: 1_000,
    atOnce: 4,
    waiting: 10,
    onRefused: (refusal) => told.push(refusal),
    router: (incoming, response) =>
      void response.end(JSON.stringify({ heard: (incoming as { body?: string }).body?.length })),
    ...options,
  })
  running.push(server)
  const url = await listen(server, { host: '127.0.0.1', port: 0 }, 'LISTEN')
  return { url, told, server, port: (server.address() as AddressInfo).port }
}

const post = (url: string, body: string, headers: Record<string, string> = ALLOWED) =>
  fetch(url, { method: 'POST', headers, body })

/** Sends text as it is; resolves with all that comes back before the connection ends. */
async function raw(port: number, text: string): Promise<string> {
  const socket = connect(port, '127.0.0.1')
  sockets.push(socket)
  let heard = ''
  socket.setEncoding('latin1').on('data', (chunk) => {
    heard += chunk
  })
  socket.on('error', () => {}) // the other side cut it: `close` follows
  socket.write(text)
  await once(socket, 'close')
  return heard
}

describe('a body', () => {
  it('may have as many bytes as the door takes, and not one more, whether its length is announced or not', async () => {
    const { url, port } = await door()
    expect(await (await post(url, 'x'.repeat(10_000))).json()).toEqual({ heard: 10_000 })
    expect((await post(url, 'x'.repeat(10_001))).status).toBe(413)
    const head = 'POST / HTTP/1.1\r\nhost: a\r\nauthorization: Bearer n1\r\ncontent-type: application/json\r\n'
    const chunk = `400\r\n${'x'.repeat(1024)}\r\n`
    expect(
      await raw(port, `${head}transfer-encoding: chunked\r\nconnection: close\r\n\r\n${chunk}0\r\n\r\n`),
    ).toContain('{"heard":1024}')
    const endless = raw(port, `${head}transfer-encoding: chunked\r\n\r\n${chunk.repeat(12)}`)
    expect(await endless).toMatch(/^HTTP\/1.1 413[\s\S]*PAYLOAD_TOO_LARGE/)
    expect(await raw(port, `${head}content-length: 1073741824\r\n\r\n`)).toMatch(/^HTTP\/1.1 413/)
  })

  it('must be JSON by its type and UTF-8 by its bytes', async () => {
    const { url } = await door()
    const type = (text: string) => post(url, '{}', { ...ALLOWED, 'content-type': text })
    expect((await type('application/json; charset=utf-8')).status).toBe(200)
    for (const other of [
      'text/plain',
      'application/jsonp',
      'multipart/form-data; boundary=x',
      'application/octet-stream',
    ])
      expect((await type(other)).status, other).toBe(415)
    const bytes = (body: Uint8Array) => fetch(url, { method: 'POST', headers: ALLOWED, body: body as BodyInit })
    expect((await bytes(new TextEncoder().encode('"é"'))).status).toBe(200)
    expect((await bytes(new Uint8Array([0x22, 0xc3, 0x28, 0x22]))).status).toBe(400)
  })

  it('never comes with a GET', async () => {
    const { port } = await door()
    const head = 'GET / HTTP/1.1\r\nhost: a\r\nauthorization: Bearer n1\r\nconnection: close\r\n'
    expect(await raw(port, `${head}content-length: 2\r\n\r\n{}`)).toMatch(/^HTTP\/1.1 400/)
    expect(await raw(port, `${head}\r\n`)).toMatch(/^HTTP\/1.1 200/)
  })
})

describe('a caller that is slow', () => {
  it('is cut off within seconds while it sends its headers or its body; one that is quick is not', async () => {
    const { port, server, url } = await door()
    server.headersTimeout = 300 // the same clock, wound up
    server.requestTimeout = 600
    const startedMs = performance.now()
    const head = 'POST / HTTP/1.1\r\nhost: a\r\nauthorization: Bearer n1\r\ncontent-type: application/json\r\n'
    const answers = await Promise.all([
      raw(port, 'POST / HTT'),
      raw(port, head),
      raw(port, `${head}content-length: 10\r\n\r\n{`),
    ])
    for (const text of answers) expect(text).toMatch(/^(HTTP\/1.1 408|$)/)
    expect(performance.now() - startedMs).toBeLessThan(10_000)
    expect((await post(url, '{}')).status).toBe(200)
  })
})

describe('a caller that calls too often', () => {
  it('hears 429 past twice its rate at once, and others do not notice', async () => {
    const { url, told } = await door({ callsPerSecond: 1 })
    const statuses: number[] = []
    for (let i = 0; i < 10; i++) statuses.push((await post(url, '{}')).status)
    expect(statuses.slice(0, 2)).toEqual([200, 200])
    expect(statuses).toContain(429)
    expect((await post(url, '{}', { ...ALLOWED, authorization: 'Bearer n2' })).status).toBe(200)
    expect(told[0]).toMatchObject({ why: 'Too many calls. Try again in a moment.', caller: 'n1' })
    expect(told.length).toBeLessThan(10)
  })

  it('without a token is answered some dozens of times, then hears 429; whoever has one does not notice', async () => {
    const { url } = await door()
    const stranger = { 'content-type': 'application/json' }
    const statuses: number[] = []
    for (let i = 0; i < 250; i++) statuses.push((await post(url, '{}', stranger)).status)
    expect(statuses[0]).toBe(200) // the router tells it who it is not
    expect(statuses.filter((status) => status === 429).length).toBeGreaterThan(0)
    expect((await post(url, '{}')).status).toBe(200)
  })

  it('waits its turn: so many calls run at once, so many wait, the rest hears 429', async () => {
    const held: (() => void)[] = []
    const { url } = await door({
      atOnce: 2,
      waiting: 3,
      router: (_, response) => void held.push(() => response.end('{}')),
    })
    const statuses: number[] = []
    const calls = Array.from({ length: 8 }, () => post(url, '{}').then(({ status }) => statuses.push(status)))
    while (statuses.length < 3 || held.length < 2) await new Promise((resolve) => setTimeout(resolve, 5))
    expect(statuses).toEqual([429, 429, 429])
    expect(held).toHaveLength(2)
    const other = post(url, '{}', { ...ALLOWED, authorization: 'Bearer n2' })
    while (held.length < 3) await new Promise((resolve) => setTimeout(resolve, 5))
    for (let i = 0; i < 6; i++) {
      while (!held[i]) await new Promise((resolve) => setTimeout(resolve, 5))
      held[i]!()
    }
    await Promise.all([...calls, other])
    expect(statuses.filter((status) => status === 200)).toHaveLength(5)
  })

  it('gives back its turn when it goes away, while it runs or while it waits', async () => {
    let entered = 0
    const router: DoorOptions['router'] = (_, response) => void (++entered > 2 && response.end('{}'))
    const { url } = await door({ atOnce: 1, waiting: 5, router })
    for (let i = 1; i <= 2; i++) {
      const leaving = new AbortController()
      const ask = () =>
        fetch(url, { method: 'POST', headers: ALLOWED, body: '{}', signal: leaving.signal }).catch(() => {})
      const calls = [ask(), ask()]
      while (entered < i) await new Promise((resolve) => setTimeout(resolve, 5))
      leaving.abort()
      await Promise.all(calls)
    }
    expect((await post(url, '{}')).status).toBe(200)
  })
})

describe('connections', () => {
  it('past the number that one address may have are told so or cut, and the first ones work on', async () => {
    const { url, port } = await door()
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    const call = (): Promise<number> =>
      new Promise((resolve, reject) => {
        const sending = request(url, { agent, method: 'POST', headers: ALLOWED }, (response) => {
          response.resume().on('end', () => resolve(response.statusCode!))
        })
        sending.on('error', reject).end('{}')
      })
    expect(await call()).toBe(200)
    let cut = 0
    for (let i = 0; i < 300; i++) {
      const socket = connect(port, '127.0.0.1')
      sockets.push(socket)
      socket.on('error', () => {})
      socket.once('close', () => cut++)
      await once(socket, 'connect')
    }
    while (cut < 90) await new Promise((resolve) => setTimeout(resolve, 5))
    const surplus = sockets[150]!
    surplus.write('GET / HTTP/1.1\r\nhost: a\r\nauthorization: Bearer n1\r\n\r\n')
    expect(String(await once(surplus, 'data'))).toMatch(/^HTTP\/1.1 429/)
    expect(await call()).toBe(200)
    agent.destroy()
  })
})

it('methods other than GET and POST, headers that are long or many, and smuggled requests are refused', async () => {
  const { url, port } = await door()
  for (const method of ['PUT', 'DELETE', 'PATCH', 'OPTIONS'])
    expect((await fetch(url, { method, headers: ALLOWED })).status, method).toBe(405)
  const head = 'POST / HTTP/1.1\r\nhost: a\r\nauthorization: Bearer n1\r\ncontent-type: application/json\r\n'
  expect(await raw(port, `${head}x: ${'x'.repeat(16 * 1024)}\r\n\r\n`)).toMatch(/^HTTP\/1.1 431/)
  for (const lengths of [
    'content-length: 2\r\ntransfer-encoding: chunked',
    'content-length: 2\r\ncontent-length: 3',
    'transfer-encoding: chunked, x',
  ])
    expect(await raw(port, `${head}${lengths}\r\n\r\n{}`), lengths).toMatch(/^HTTP\/1.1 400/)
})
