// Rooms full of players, the load on them, and the proof at the end that every client has what the server has.
import { isDeepStrictEqual } from 'node:util'
import type { Json } from '@sandlot/shared/protocol/messages.ts'
import { cpuSeconds, rssKiB, sleep } from '../process.ts'
import type { Player } from '../targets/player.ts'
import type { Room, Server } from '../targets/target.ts'
import { quantile, type Sample } from './plan.ts'

const AT_ONCE = 8 // joins under way at the same time
const MAX_LIVE = 200 // players that decode as they go; see player.ts
const QUIET_MS = 300 // after the games were stopped: long enough for the last frame to arrive
const PATIENCE_MS = 30_000 // a server that has more to do than it can has seconds of inputs to work off first

export interface Crew {
  rooms: { room: Room; players: Player[] }[]
  players: Player[]
  createMs: number[]
  joinMs: number[]
  /** Of the server, before the first room. */
  emptyKiB: number
}

/** Makes `count` rooms of `size` players, 8 joins at a time. */
export async function fill(server: Server, count: number, size: number): Promise<Crew> {
  const crew: Crew = { rooms: [], players: [], createMs: [], joinMs: [], emptyKiB: rssKiB(server.pid) }
  const livePerRoom = Math.max(1, Math.floor(MAX_LIVE / count))
  const seats: (() => Promise<void>)[] = []
  for (let i = 0; i < count; i++) {
    const fromMs = performance.now()
    const room = await server.create()
    crew.createMs.push(performance.now() - fromMs)
    const players: Player[] = []
    crew.rooms.push({ room, players })
    for (let seat = 0; seat < size; seat++) seats.push(() => take(crew, room, players, seat < livePerRoom))
  }
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      for (let seat = seats.shift(); seat; seat = seats.shift()) await seat()
    }),
  )
  return crew
}

async function take(crew: Crew, room: Room, players: Player[], live: boolean): Promise<void> {
  const fromMs = performance.now()
  const player = await room.join()
  crew.joinMs.push(performance.now() - fromMs)
  player.live = live
  players.push(player)
  crew.players.push(player)
}

/** Calls `act` of each player once every `periodMs`, spread evenly over the period. The returned function ends it. */
export function every(players: Player[], periodMs: number, act: (player: Player) => void): () => void {
  const startMs = performance.now()
  let next = 0
  const timer = setInterval(() => {
    const due = ((performance.now() - startMs) / periodMs) * players.length
    for (; next < due; next++) act(players[next % players.length]!)
  }, 2)
  return () => clearInterval(timer)
}

/** Steers like somebody who plays: a new direction now and then. */
export function inputs(players: Player[]): () => void {
  let n = 0
  return every(players, 50, (player) => {
    n++
    const turn = n % 7 === 0
    player.steer(turn ? (n % 3) - 1 : 0, turn ? ((n % 5) % 3) - 1 : 0)
  })
}

/** Measures `server` and this process for `ms`. */
export async function measure(server: Server, crew: Crew, ms: number): Promise<Sample> {
  const own = process.cpuUsage()
  const cpu = cpuSeconds(server.pid)
  const fromMs = performance.now()
  for (const player of crew.players) player.measure(true)
  const rss: number[] = []
  while (performance.now() < fromMs + ms) {
    await sleep(Math.min(500, Math.max(1, fromMs + ms - performance.now())))
    rss.push(rssKiB(server.pid))
  }
  for (const player of crew.players) player.measure(false)
  const seconds = (performance.now() - fromMs) / 1000
  const cpuCores = (cpuSeconds(server.pid) - cpu) / seconds
  const { user, system } = process.cpuUsage(own)
  const all = <T>(of: (player: Player) => T[]) => crew.players.flatMap(of)
  const sum = (of: (player: Player) => number) => crew.players.reduce((total, player) => total + of(player), 0)
  const clients = crew.players.length
  const states = sum((player) => player.states)
  const rssMedian = quantile(rss, 0.5)
  const acks = all((player) => player.acks)
  const gaps = all((player) => player.gaps)
  return {
    cpuCores,
    loadCores: (user + system) / 1e6 / seconds,
    rssMiB: rssMedian / 1024,
    rssPerRoomKiB: (rssMedian - crew.emptyKiB) / crew.rooms.length,
    ackP50: quantile(acks, 0.5),
    ackP95: quantile(acks, 0.95),
    ackP99: quantile(acks, 0.99),
    gapP50: quantile(gaps, 0.5),
    gapP99: quantile(gaps, 0.99),
    gapMax: Math.max(...(gaps.length > 0 ? [gaps.reduce((a, b) => Math.max(a, b))] : [Number.NaN])),
    bytesPerClientPerSecond: sum((player) => player.bytes.in) / clients / seconds,
    bytesSentPerClientPerSecond: sum((player) => player.bytes.out) / clients / seconds,
    statesPerClientPerSecond: states / clients / seconds,
    // A server that is starved of its core sends less, which must not look like thrift.
    cpuMicrosecondsPerState: states > 0 ? (cpuCores * seconds * 1e6) / states : Number.NaN,
    bytesPerState: states > 0 ? sum((player) => player.bytes.in) / states : Number.NaN,
    createP50: quantile(crew.createMs, 0.5),
    createP99: quantile(crew.createMs, 0.99),
    joinP50: quantile(crew.joinMs, 0.5),
    joinP99: quantile(crew.joinMs, 0.99),
  }
}

const plain = (value: Json): Json => JSON.parse(JSON.stringify(value))

/** Stops every game and compares each client's decoded state with what the server says its state (or the client's view of it) is. Throws at a difference. */
export async function verify(server: Server, crew: Crew, patienceMs = PATIENCE_MS): Promise<Sample> {
  await sleep(QUIET_MS) // the inputs on their way
  for (const { players } of crew.rooms) players[0]!.act('stop', null)
  await sleep(QUIET_MS)
  for (const player of crew.players) player.drain()
  let verified = 0
  for (const player of crew.players) {
    const truth = plain(server.seen(await within(patienceMs, player.report(), 'a report')))
    const endMs = performance.now() + patienceMs // a last frame may still be on its way
    while (!isDeepStrictEqual(plain(player.state()), truth)) {
      if (performance.now() > endMs) throw new Error(difference(player.me, plain(player.state()), truth))
      await sleep(20)
    }
    if (JSON.stringify(truth).length < 3) throw new Error('a report that says nothing proves nothing')
    verified++
  }
  return { verified }
}

function difference(me: string, has: Json, truth: Json): string {
  const at = JSON.stringify(has)
  const should = JSON.stringify(truth)
  let i = 0
  while (at[i] === should[i]) i++
  const around = (text: string) => text.slice(Math.max(0, i - 40), i + 60)
  return `WRONG: the client ${me} has …${around(at)}… where the server has …${around(should)}…`
}

/** The server, or this process, has more to do than its core can: it does not answer any more. Nothing wrong was seen. */
export class Overload extends Error {}

async function within<T>(ms: number, promise: Promise<T>, what: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Overload(`waited ${ms / 1000} s in vain for ${what}`)), ms)
  })
  try {
    return await Promise.race([promise, late])
  } finally {
    clearTimeout(timer)
  }
}
