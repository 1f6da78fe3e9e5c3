// One run of one workload on one target: the load process does this, with its server on the other core.
import type { Json } from '@sandlot/shared/protocol/messages.ts'
import { cpuSeconds, handles, rssKiB, sleep } from '../process.ts'
import { startColyseus } from '../targets/colyseus.ts'
import { startOurs } from '../targets/ours.ts'
import type { Player } from '../targets/player.ts'
import { startRaw } from '../targets/raw.ts'
import type { Server } from '../targets/target.ts'
import { every, fill, inputs, measure, verify } from './crew.ts'
import { type Plan, quantile, type Sample, WORKLOADS } from './plan.ts'

function start({ workload, target, precision, profile }: Plan): Promise<Server> {
  const options = { game: WORKLOADS[workload].game, precision, profile }
  switch (target) {
    case 'ours':
      return startOurs(options)
    case 'raw':
      return startRaw(options)
    case 'colyseusDefault':
      return startColyseus(options, 'default')
    case 'colyseusTuned':
      return startColyseus(options, 'tuned')
  }
}

/** Starts the server, loads it, measures, verifies, stops. Throws when a client does not have what the server has. */
export async function run(plan: Plan): Promise<Sample> {
  const server = await start(plan)
  try {
    switch (plan.workload) {
      case 'w1':
        return await frames(server, plan, 8)
      case 'w2':
        return await frames(server, plan, 100)
      case 'w3':
        return await echo(server, plan)
      case 'w4':
        return await turns(server, plan)
      case 'w5':
        return await churn(server, plan)
    }
  } finally {
    await server.stop()
  }
}

async function frames(server: Server, { rooms, warmupMs, measureMs }: Plan, size: number): Promise<Sample> {
  const crew = await fill(server, rooms, size)
  const stop = inputs(crew.players)
  await sleep(warmupMs)
  const sample = await measure(server, crew, measureMs)
  stop()
  return { ...sample, ...(await verify(server, crew)) }
}

const ECHO = 'e'.repeat(44) // as long as the texts of Nakama's published workload 6
const SHOUT = 's'.repeat(35)

async function echo(server: Server, { rooms, warmupMs, measureMs }: Plan): Promise<Sample> {
  const crew = await fill(server, rooms, 10)
  const waiting = new Map<Player, { text: string; sentMs: number }>()
  let requestMs: number[] = []
  let shouts = 0
  let heard = 0
  for (const player of crew.players) {
    player.onText = (text) => {
      if (text.startsWith('s')) heard++
      const asked = waiting.get(player)
      if (asked === undefined || text !== asked.text) return
      requestMs.push(performance.now() - asked.sentMs)
      waiting.delete(player)
    }
  }
  const turn = new Map<Player, number>()
  let skipped = 0 // because the answer before had not come yet
  const stop = every(crew.players, 500, (player) => {
    if (waiting.has(player)) {
      skipped++
      return
    }
    const n = (turn.get(player) ?? 0) + 1
    turn.set(player, n)
    const text = n % 2 === 0 ? ECHO : SHOUT.slice(0, -6) + String(crew.players.indexOf(player)).padStart(6, '0') // own shouts are told apart
    waiting.set(player, { text, sentMs: performance.now() })
    if (text !== ECHO) shouts++
    player.act(text === ECHO ? 'echo' : 'shout', text)
  })
  await sleep(warmupMs)
  requestMs = []
  const sample = await measure(server, crew, measureMs)
  stop()
  for (const endMs = performance.now() + 5_000; waiting.size > 0 || heard < shouts * 10; await sleep(20)) {
    if (performance.now() > endMs) break
  }
  if (waiting.size > 0) throw new Error(`WRONG: ${waiting.size} messages were never answered`)
  if (heard !== shouts * 10) throw new Error(`WRONG: ${shouts} shouts were heard ${heard} times in rooms of 10`)
  const megabits =
    ((sample.bytesPerClientPerSecond! + sample.bytesSentPerClientPerSecond!) * crew.players.length * 8) / 1e6
  const mean = requestMs.reduce((sum, ms) => sum + ms, 0) / requestMs.length
  return {
    ...sample,
    requestMean: mean,
    skipped,
    requestP99: quantile(requestMs, 0.99),
    megabitsPerSecond: megabits,
    verified: crew.players.length,
  }
}

async function turns(server: Server, { rooms, warmupMs, measureMs }: Plan): Promise<Sample> {
  const crew = await fill(server, rooms, 2)
  for (const player of crew.players) player.live = true // few messages
  await sleep(warmupMs)
  const idle = await measure(server, crew, measureMs / 2)
  const bothSeeMs: number[] = []
  const turn = new Map(crew.rooms.map((room) => [room, 0]))
  const mover = crew.rooms.map(({ players }) => players[0]!)
  const roomOf = new Map(crew.rooms.map((room) => [room.players[0]!, room]))
  const stop = every(mover, 2_000, (player) => {
    const room = roomOf.get(player)!
    const seq = turn.get(room)! + 1
    turn.set(room, seq)
    const sentMs = performance.now()
    let missing = 2
    for (const one of room.players) {
      one.onState = () => {
        if ((one.state() as { board: { turn: Json } }).board.turn !== seq) return
        one.onState = undefined
        if (--missing === 0) bothSeeMs.push(performance.now() - sentMs)
      }
    }
    room.players[seq % 2]!.act('mark', { cell: seq * 4, seq })
  })
  await sleep(2_000)
  bothSeeMs.length = 0
  const busy = await measure(server, crew, measureMs / 2)
  stop()
  return {
    ...busy,
    ackP50: quantile(bothSeeMs, 0.5),
    ackP95: quantile(bothSeeMs, 0.95),
    ackP99: quantile(bothSeeMs, 0.99),
    rssPerRoomKiB: idle.rssPerRoomKiB!,
    idleCpuCoresPer1000Rooms: (idle.cpuCores! * 1000) / rooms,
    idleBytesPerClientPerSecond: idle.bytesPerClientPerSecond!,
    ...(await verify(server, crew)),
  }
}

const STAY_MS = 5_000

/** `plan.rooms` is the number of rooms made a second here. */
async function churn(server: Server, { rooms: perSecond, warmupMs, measureMs, drainMs }: Plan): Promise<Sample> {
  const createMs: number[] = []
  const firstStateMs: number[] = []
  const joinMs: number[] = []
  let failures = 0
  let lived = 0
  async function life(): Promise<void> {
    const fromMs = performance.now()
    const room = await server.create()
    createMs.push(performance.now() - fromMs)
    const players = [await room.join()]
    firstStateMs.push(performance.now() - fromMs)
    const others = Array.from({ length: 7 }, async () => {
      const joinedMs = performance.now()
      const player = await room.join()
      joinMs.push(performance.now() - joinedMs)
      return player
    })
    players.push(...(await Promise.all(others)))
    await sleep(STAY_MS)
    for (const player of players) {
      if (hasState(player)) lived++
      else failures++
      player.leave()
    }
  }
  /** Makes rooms for `ms`, and waits until all of them have been left. */
  async function wave(ms: number): Promise<void> {
    const lives: Promise<void>[] = []
    const endMs = performance.now() + ms
    for (let n = 0, fromMs = performance.now(); performance.now() < endMs; n++) {
      lives.push(
        life().catch((error) => {
          failures++
          console.error(error.message)
        }),
      )
      await sleep(Math.max(0, fromMs + ((n + 1) * 1000) / perSecond - performance.now()))
    }
    await Promise.all(lives)
  }
  await wave(warmupMs)
  await sleep(drainMs)
  const before = { rss: rssKiB(server.pid), handles: handles(server.pid) }
  createMs.length = firstStateMs.length = joinMs.length = 0
  const cpu = cpuSeconds(server.pid)
  const fromMs = performance.now()
  await wave(measureMs)
  const cpuCores = ((cpuSeconds(server.pid) - cpu) * 1000) / (performance.now() - fromMs)
  const peak = rssKiB(server.pid)
  await sleep(drainMs)
  if (failures > 0) throw new Error(`WRONG: ${failures} rooms could not be made or joined`)
  return {
    cpuCores,
    rssMiB: peak / 1024,
    createP50: quantile(createMs, 0.5),
    createP99: quantile(createMs, 0.99),
    firstStateP50: quantile(firstStateMs, 0.5),
    firstStateP99: quantile(firstStateMs, 0.99),
    joinP50: quantile(joinMs, 0.5),
    joinP99: quantile(joinMs, 0.99),
    rssAfterDrainShare: rssKiB(server.pid) / before.rss,
    handlesAfterDrain: handles(server.pid) - before.handles,
    verified: lived,
  }
}

/** Whether the player's last state is one of a full room. */
function hasState(player: Player): boolean {
  const { players } = player.state() as { players: Record<string, Json> }
  return player.me in players
}
