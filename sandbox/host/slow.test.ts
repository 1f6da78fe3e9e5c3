// Players who do not read, do not write or are not there any more.
import { MAX_BUFFERED_BYTES } from '@sandlot/shared/limits.ts'
import { describe, expect, it } from 'vitest'
import { openDoor } from '../testing/door.ts'
import { TestPlayer } from '../testing/host.ts'
import { frame, RawPlayer } from '../testing/raw.ts'
import { until } from '../testing/until.ts'

const SERVER = `
export const setup = () => ({ n: 0 })
export const actions = {
  add(state) { state.n++ },
  big(state, player, data, room) { state.n++; room.broadcast('x'.repeat(900_000)) },
}`
const GAME = { 'server.js': SERVER, 'game.json': '{"players":{"max":40}}' }
const n = ({ state }: TestPlayer) => (state as { n: number }).n
const PATIENT = { lagMs: 600_000, silenceMs: 600_000 } // a busy machine takes its time over the megabytes
const MOST = 60 // times 900 kB is more than the kernel's buffers take

/** Has `reader` make the game broadcast until `enough`; how often. */
async function broadcast(reader: TestPlayer, enough: () => boolean): Promise<number> {
  const before = n(reader)
  for (let sent = 1; ; sent++) {
    reader.act('big')
    await reader.until(
      () => n(reader) === before + sent && reader.all('msg').length === n(reader),
      'the reader keeps up',
    )
    if (enough()) return sent
    expect(sent).toBeLessThan(MOST)
  }
}

describe('[LM5] a slow reader', () => {
  it('is sent nothing until it has read, then the whole state as it is, and plays on', async () => {
    await using door = await openDoor(GAME, PATIENT)
    await using reader = await TestPlayer.join(door.url)
    await using slow = await TestPlayer.join(door.url)
    const { room } = reader.welcome
    slow.socket.pause()
    const sent = await broadcast(reader, () => door.sockets.traffic(room).lagged > 0)
    for (let i = 0; i < 5; i++) await broadcast(reader, () => true)
    await using late = await TestPlayer.join(door.url) // joins while it lags
    slow.socket.resume()
    await slow.until(() => slow.all('full').length === 2, 'the slow one has the state anew')
    expect(n(slow)).toBe(n(reader))
    expect(slow.all('msg').length).toBeLessThan(sent + 5)
    expect(
      slow
        .all('players')
        .at(-1)!
        .p.map(({ id }) => id),
    ).toContain(late.id)
    const after = slow.messages.slice(slow.messages.lastIndexOf(slow.all('full')[1]!) + 1)
    slow.act('add')
    await slow.until(() => n(slow) === sent + 6, 'it plays on')
    await reader.until(() => n(reader) === n(slow), 'all have the same state')
    expect(after.filter(({ t }) => t === 'full')).toEqual([])
    expect(reader.all('msg')).toHaveLength(sent + 5)
    expect(door.sockets.traffic(room)).toMatchObject({ closed: {} })
  })

  it('that does not catch up in time closes 4413 and keeps its seat for a while; who reads is not touched', async () => {
    await using door = await openDoor(GAME, { ...PATIENT, lagMs: 200 })
    await using reader = await TestPlayer.join(door.url)
    await using slow = await TestPlayer.join(door.url)
    const { room } = reader.welcome
    slow.socket.pause()
    await broadcast(reader, () => door.sockets.traffic(room).lagged > 0)
    await until(() => door.sockets.traffic(room).closed['too-slow'] === 1, 'the slow one is closed')
    const gone = () =>
      reader
        .all('players')
        .at(-1)!
        .p.find(({ id }) => id === slow.id)?.connected === false // prettier-ignore
    await until(gone, 'the others see it gone')
    expect(reader.closed).toBeUndefined()
    await using again = await TestPlayer.join(door.url, { resume: slow.welcome.resume })
    expect(again.id).toBe(slow.id)
  })

  it('that says it has read, and has not, is sent nothing and closed all the same', async () => {
    await using door = await openDoor(GAME, { ...PATIENT, lagMs: 500 })
    await using reader = await TestPlayer.join(door.url)
    using liar = await (await RawPlayer.open(door.port)).greet()
    const { room } = reader.welcome
    liar.socket.pause()
    await broadcast(reader, () => door.sockets.traffic(room).lagged > 0)
    liar.socket.write(frame(10, 'caught up'))
    await until(() => door.sockets.traffic(room).closed['too-slow'] === 1, 'the liar is closed')
    expect(reader.all('full')).toHaveLength(1)
  })

  it('costs the host a megabyte and a message at most, however much is sent', async () => {
    await using door = await openDoor(GAME, PATIENT)
    await using reader = await TestPlayer.join(door.url)
    const slow = await Promise.all(Array.from({ length: 8 }, () => TestPlayer.join(door.url)))
    for (const { socket } of slow) socket.pause()
    await broadcast(reader, () => door.sockets.traffic(reader.welcome.room).lagged === 8)
    for (let i = 0; i < 10; i++) await broadcast(reader, () => true)
    expect(door.sockets.unsentBytes).toBeGreaterThan(8 * MAX_BUFFERED_BYTES)
    expect(door.sockets.unsentBytes).toBeLessThan(8 * (MAX_BUFFERED_BYTES + 1_000_000))
    await Promise.all(slow.map((player) => player[Symbol.asyncDispose]()))
  })

  it('is closed at once when too much waits for all of them together', async () => {
    await using door = await openDoor(GAME, { ...PATIENT, allUnsentBytes: 3_000_000 })
    await using reader = await TestPlayer.join(door.url)
    const slow = await Promise.all(Array.from({ length: 4 }, () => TestPlayer.join(door.url)))
    for (const { socket } of slow) socket.pause()
    const { total } = door.sockets
    const tooSlow = () => total.closed['too-slow'] !== undefined
    const tooMuch = () => door.sockets.unsentBytes > 3_000_000
    while (!tooSlow()) {
      await broadcast(reader, () => tooMuch() || tooSlow())
      await until(() => !tooMuch() || tooSlow(), 'one of them is closed, or the kernel has taken more')
    }
    await until(() => door.sockets.unsentBytes <= 3_000_000, 'the rest is bearable')
    expect(reader.closed).toBeUndefined()
    await Promise.all(slow.map((player) => player[Symbol.asyncDispose]()))
  })
})

describe('[LM4] a peer that is not there any more', () => {
  const IMPATIENT = { pingMs: 100, silenceMs: 600 }
  const silent = async (door: Awaited<ReturnType<typeof openDoor>>, attack: (player: RawPlayer) => void) => {
    await using honest = await TestPlayer.join(door.url)
    const answered = new Set<number>()
    honest.socket.on('ping', () => answered.add(performance.now()))
    using player = await (await RawPlayer.open(door.port)).greet()
    attack(player)
    await until(() => player.closed, 'the silent one is gone')
    await until(() => answered.size > 6, 'the honest one has outlived as many pings')
    expect(honest.closed).toBeUndefined()
    expect(honest.all('beat').length).toBeGreaterThanOrEqual(6) // with each ping, which a page does not see
    expect(door.sockets.total.closed).toEqual({ silent: 1 })
    expect(await door.connections()).toBe(1)
  }

  it('answers no ping: closed, and its file descriptor freed; who answers stays', async () => {
    await using door = await openDoor(GAME, IMPATIENT)
    await silent(door, () => {})
  })

  it('sends a frame byte by byte without an end: the same', async () => {
    await using door = await openDoor(GAME, IMPATIENT)
    await silent(door, ({ socket }) => {
      const bytes = frame(1, `{"t":"act","a":"add","d":"${'x'.repeat(10_000)}"}`)
      let at = 0
      const timer = setInterval(() => socket.write(bytes.subarray(at, ++at)), 20)
      socket.once('close', () => clearInterval(timer))
    })
  })

  it('ends its half and keeps ours open: gone at once', async () => {
    await using door = await openDoor(GAME)
    await using honest = await TestPlayer.join(door.url)
    using player = await (await RawPlayer.open(door.port)).greet()
    player.socket.end()
    await until(() => player.closed, 'the socket is closed')
    expect(await door.connections()).toBe(1)
    expect(honest.closed).toBeUndefined()
  })

  it('[CN1] says nothing at all: closed 4408 and freed, also when it does not answer that', async () => {
    await using door = await openDoor(GAME, { helloMs: 50, pingMs: 50 })
    using player = await RawPlayer.open(door.port)
    await until(() => player.closeCode === 4408, 'it is told')
    await until(() => player.closed, 'it is closed')
    expect(await door.connections()).toBe(0)
  })
})
