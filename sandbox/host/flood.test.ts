// Players who send too much, connect too often, or come while the host goes.

import { once } from 'node:events'
import { createServer } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { CONNECTIONS_PER_SOCKET, MESSAGE_BURST } from '@sandlot/shared/limits.ts'
import { networkOf } from '@sandlot/shared/network.ts'
import { PROTOCOL_VERSION } from '@sandlot/shared/protocol/codec.ts'
import { describe, expect, it } from 'vitest'
import { openDoor } from '../testing/door.ts'
import { gameFolder } from '../testing/folder.ts'
import { startHost, TestPlayer } from '../testing/host.ts'
import { frame, RawPlayer } from '../testing/raw.ts'
import { until } from '../testing/until.ts'
import { capConnections } from './addresses.ts'

const GAME = {
  'server.js': `
export const setup = () => ({ frames: 0, said: 0 })
export const tick = (state) => { state.frames++ }
export const actions = { say(state) { state.said++ } }`,
  'game.json': '{"players":{"max":100}}',
}
const SAY = '{"t":"act","a":"say"}'
const frames = ({ state }: TestPlayer) => (state as { frames: number }).frames

describe('[LM3] a flood', () => {
  it('of one or of many is closed, while others get their frames and are heard', async () => {
    await using door = await openDoor(GAME)
    await using other = await TestPlayer.join(door.url)
    const flooders = await Promise.all(Array.from({ length: 30 }, () => TestPlayer.join(door.url)))
    const before = frames(other)
    for (let i = 0; i < 1_000; i++) for (const { socket } of flooders) socket.send(SAY)
    await until(() => flooders.every(({ closed }) => closed), 'all flooders are closed')
    expect(new Set(flooders.map(({ closed }) => closed!.code))).toEqual(new Set([4429]))
    await other.until(() => frames(other) > before + 5, 'the frames go on')
    other.act('say')
    const { closed, messages } = door.sockets.traffic(other.welcome.room)
    expect(closed).toEqual({ 'too-fast': 30 })
    expect(messages).toBeLessThan(30 * MESSAGE_BURST * 2)
    expect(door.usages.report(0).playerMessagesPerSecond.over).toBe(30)
    expect(other.closed).toBeUndefined()
  })

  it('of pings is closed; some pings are answered', async () => {
    await using door = await openDoor(GAME)
    using polite = await (await RawPlayer.open(door.port)).greet()
    using rude = await (await RawPlayer.open(door.port)).greet()
    using ruder = await (await RawPlayer.open(door.port)).greet()
    const pings = (count: number) => Buffer.concat(Array.from({ length: count }, () => frame(9, 'x')))
    const pongs = (player: RawPlayer) => player.frames.filter(({ opcode }) => opcode === 10).length
    polite.socket.write(pings(50))
    ruder.socket.write(pings(1_000))
    for (let sent = 20; rude.closeCode === undefined; sent += 20) {
      rude.socket.write(pings(20))
      await until(() => rude.closeCode !== undefined || pongs(rude) === sent, 'they are answered, or too many')
    }
    expect(rude.closeCode).toBe(4429)
    await until(() => ruder.closed, 'who waits for no answer is cut off')
    await until(() => pongs(polite) === 50, 'some are answered')
    expect(polite.closed).toBe(false)
  })

  it('of bytes is closed by the game’s own budget; as much as that allows is heard', async () => {
    await using door = await openDoor(GAME, {}, { playerBytesPerSecond: 1_000 })
    await using one = await TestPlayer.join(door.url)
    await using two = await TestPlayer.join(door.url)
    one.act('say', 'x'.repeat(3_000))
    await one.until(({ state }) => (state as { said: number }).said === 1, 'it is heard')
    two.act('say', 'x'.repeat(6_000))
    expect(await two.until(({ closed }) => closed, 'it is closed')).toMatchObject({ code: 4429 })
    expect(door.usages.report(0).playerBytesPerSecond).toMatchObject({ over: 1, limit: 1_000 })
    expect(one.closed).toBeUndefined()
  })

  it('of messages is closed by the game’s own budget, also over several connections of one seat', async () => {
    await using door = await openDoor(GAME, {}, { playerMessagesPerSecond: 0.5 })
    await using one = await TestPlayer.join(door.url)
    one.act('say')
    await one.until(({ state }) => (state as { said: number }).said === 1, 'it is heard')
    await using again = await TestPlayer.join(door.url, { resume: one.welcome.resume })
    for (let i = 0; i < 5; i++) again.act('say')
    expect(await again.until(({ closed }) => closed, 'it is closed')).toMatchObject({ code: 4429 })
  })
})

describe('[LM6] one address', () => {
  /** Status and text of an attempt, or the player. */
  const from = async (url: string, address: string): Promise<TestPlayer | string> => {
    const player = new TestPlayer(url, { headers: { 'x-forwarded-for': address } })
    const refused = once(player.socket, 'unexpected-response').then(async ([request, response]) => {
      const text = (await response.toArray()).join('')
      request.destroy()
      return `${response.statusCode} ${text.trim()}`
    })
    return Promise.race([once(player.socket, 'open').then(() => player), refused])
  }
  const leave = async (player: TestPlayer | string) => {
    if (typeof player !== 'string') await player[Symbol.asyncDispose]()
  }

  it('has so many sockets and no more, an IPv6 network of 64 bits counts as one; others get in', async () => {
    await using door = await openDoor(GAME, {}, { addressSockets: 3, addressSocketsPerSecond: 1_000 }, true)
    for (const own of [
      ['203.0.113.1', '203.0.113.1', '9.9.9.9, 203.0.113.1'],
      ['2001:db8::1', '2001:db8:0:0:ffff::2', '2001:db8::3:3'],
    ]) {
      const players = await Promise.all(own.map((address) => from(door.url, address)))
      expect(players.map((player) => typeof player)).toEqual(['object', 'object', 'object'])
      expect(await from(door.url, own[0]!)).toBe(
        '429 Too many players are connected from your network. Close other windows of this game.',
      )
      await leave(players[0]!)
      const next = await from(door.url, own[0]!)
      expect(typeof next).toBe('object')
      await Promise.all([...players, next].map(leave))
    }
    const others = await Promise.all(
      ['203.0.113.2', '2001:db8:0:1::1', '::ffff:203.0.113.1'].map((address) => from(door.url, address)),
    )
    expect(others.map((player) => typeof player)).toEqual(['object', 'object', 'object'])
    await Promise.all(others.map(leave))
    expect(door.sockets.total.refused).toEqual({ 'too-many-sockets': 2 })
    expect(door.usages.report(0).addressSockets).toMatchObject({ limit: 3, over: 2 })
  })

  it('connects so often and no more', async () => {
    await using door = await openDoor(GAME, {}, { addressSockets: 3, addressSocketsPerSecond: 0.01 }, true)
    for (let i = 0; i < 3; i++) await leave(await from(door.url, '203.0.113.1'))
    expect(await from(door.url, '203.0.113.1')).toMatch(/^429 /)
    expect(door.usages.report(0).addressSocketsPerSecond.over).toBe(1)
    const other = await from(door.url, '203.0.113.2')
    expect(typeof other).toBe('object')
    await leave(other)
  })

  it('what it claims counts for nothing where players connect directly', async () => {
    await using door = await openDoor(GAME, {}, { addressSockets: 2 })
    const players = [await from(door.url, '203.0.113.1'), await from(door.url, '203.0.113.2')]
    expect(await from(door.url, '203.0.113.3')).toMatch(/^429 /)
    await Promise.all(players.map(leave))
  })

  it('networks: IPv4 and IPv4 within IPv6 are one address, IPv6 is its first 64 bits, the rest is taken as it is', () => {
    const cases = {
      '192.0.2.1': '192.0.2.1',
      '::ffff:192.0.2.1': '192.0.2.1',
      '::FFFF:c000:201': '192.0.2.1',
      '::1': '0:0:0:0::/64',
      '2001:DB8:1:2:3:4:5:6': '2001:db8:1:2::/64',
      'fe80::1%eth0': 'fe80:0:0:0::/64',
      unreadable: 'unreadable',
    } // prettier-ignore
    for (const [address, network] of Object.entries(cases)) expect(networkOf(address)).toBe(network)
  })

  it('has so many TCP connections and no more, whatever is said on them; another address is served', async () => {
    const server = createServer((_request, response) => response.end('served'))
    let refused = 0
    const budgets = { addressSockets: 10, addressSocketsPerSecond: 1_000 }
    capConnections(
      server,
      () => budgets,
      () => refused++,
    )
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    const open = async (localAddress: string) => {
      const socket = connect({ port, host: '127.0.0.1', localAddress }).on('error', () => {})
      await once(socket, 'connect')
      return socket
    }
    const idle = await Promise.all(Array.from({ length: 10 * CONNECTIONS_PER_SOCKET }, () => open('127.0.0.1')))
    const ask = async (address: string) => {
      const socket = await open(address)
      let answer = ''
      socket.on('data', (text) => (answer += text))
      if (address !== '127.0.0.1') socket.write('GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n')
      await once(socket, 'close')
      return answer
    }
    expect(await ask('127.0.0.1')).toMatch(/^HTTP\/1\.1 429 .*Your network has too many connections/s)
    expect(await ask('127.0.0.2')).toMatch(/^HTTP\/1\.1 200 .*served/s)
    expect(refused).toBe(1)
    for (const socket of idle) socket.destroy()
    await new Promise((resolve) => server.close(resolve))
  })
})

describe('comings and goings', () => {
  it('[CN7] of 60 players who are cut off and return at once, each gets its own seat back', async () => {
    await using door = await openDoor(GAME)
    const players = await Promise.all(Array.from({ length: 60 }, () => TestPlayer.join(door.url)))
    for (const { socket } of players) socket.terminate()
    const again = await Promise.all(players.map(({ welcome }) => TestPlayer.join(door.url, { resume: welcome.resume })))
    expect(again.map(({ id }) => id)).toEqual(players.map(({ id }) => id))
    await Promise.all(again.map((player) => player[Symbol.asyncDispose]()))
  })

  it('[CN8] of two who show one resume key at once the seat has one', async () => {
    await using door = await openDoor(GAME)
    await using first = await TestPlayer.join(door.url)
    const hello = { resume: first.welcome.resume }
    const both = await Promise.all([TestPlayer.join(door.url, hello), TestPlayer.join(door.url, hello)])
    await until(() => first.closed, 'the first is replaced')
    const owners = () => both.filter(({ closed, welcome }) => !closed && welcome.me.id === first.id)
    await until(() => owners().length === 1, 'one has the seat')
    await Promise.all(both.map((player) => player[Symbol.asyncDispose]()))
  })

  it('[CN1] a second hello closes 4400', async () => {
    await using door = await openDoor(GAME)
    await using player = await TestPlayer.join(door.url)
    player.send({ t: 'hello', v: PROTOCOL_VERSION })
    expect(await player.until(({ closed }) => closed, 'it is closed')).toMatchObject({ code: 4400 })
  })

  it('a host that stops tells its players, waits for none that does not answer, and lets nobody in', async () => {
    using folder = gameFolder(GAME)
    const host = await startHost(folder.path)
    await using player = await TestPlayer.join(host.url)
    const port = Number(new URL(host.url).port)
    using deaf = await (await RawPlayer.open(port)).greet()
    using newcomer = await RawPlayer.open(port)
    deaf.socket.pause()
    const exit = once(host.child, 'exit')
    host.child.kill('SIGTERM')
    expect(await player.until(({ closed }) => closed, 'it is told')).toMatchObject({ code: 4503 })
    newcomer.socket.write(frame(1, `{"t":"hello","v":${PROTOCOL_VERSION}}`))
    expect(await exit).toEqual([0, null])
    expect(newcomer.frames.some(({ payload }) => payload.includes('welcome'))).toBe(false)
    expect(newcomer.closeCode).toBe(4503)
  })
})
