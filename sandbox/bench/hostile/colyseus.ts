// The same question put to Colyseus: what a throw and a loop of 3 s in one of its rooms cost the others. All rooms share one process there.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { until } from '../../supervisor/testing/until.ts'
import { installPeers, PEERS } from '../peers.ts'
import type { Outcome } from './hostile.ts'

const SERVER = fileURLToPath(new URL('colyseus-server.mjs', import.meta.url))
const INPUT_MS = 50
const SETTLE_MS = 2_000
const AFTER_MS = 5_000

/** The part of the SDK that is used here; the package is not there when this file is checked. */
interface SdkRoom {
  reconnection?: { enabled: boolean }
  connection: { isOpen: boolean }
  send(type: string, data: unknown): void
  onMessage(type: string, callback: () => void): void
  onLeave(callback: (code: number) => void): void
  onError(callback: (code: number, message: string) => void): void
}

export async function hostileColyseus(rooms: number, onOutcome: (outcome: Outcome) => void): Promise<void> {
  installPeers()
  onOutcome(await strike('Colyseus: throw in tick', 'throw', 'plain', rooms))
  onOutcome(await strike('Colyseus: throw in tick, with onUncaughtException', 'throw', 'caught', rooms))
  onOutcome(await strike('Colyseus: loop of 3 s', 'loop', 'plain', rooms))
}

async function strike(attack: string, how: string, setting: string, rooms: number): Promise<Outcome> {
  const server = spawn(process.execPath, [SERVER, PEERS, setting], { stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  let errors = ''
  server.stdout.setEncoding('utf8').on('data', (chunk) => {
    output += chunk
  })
  server.stderr.setEncoding('utf8').on('data', (chunk) => {
    errors += chunk
  })
  let endedMs: number | null = null
  let fromMs = Infinity
  const exited = once(server, 'exit').then(() => {
    endedMs = Math.round(performance.now() - fromMs)
  })
  const port = await until('Colyseus to listen', () => /port (\d+)/.exec(output)?.[1])
  const peer = createRequire(`${PEERS}package.json`)
  const { Client } = peer('@colyseus/sdk') as {
    Client: new (url: string) => { create(name: string): Promise<SdkRoom> }
  }
  const client = new Client(`ws://127.0.0.1:${port}`)
  const seats = []
  for (let i = 0; i < rooms; i++) {
    const room = await client.create('bench')
    if (room.reconnection) room.reconnection.enabled = false
    const seat = { room, lastMs: 0, maxGapMs: 0, isLost: false, input: undefined as NodeJS.Timeout | undefined }
    room.onMessage('tick', () => {
      const now = performance.now()
      seat.maxGapMs = Math.max(seat.maxGapMs, now - seat.lastMs)
      seat.lastMs = now
    })
    room.onLeave(() => {
      seat.isLost = true
      clearInterval(seat.input)
    })
    room.onError(() => {})
    seat.input = setInterval(() => seat.isLost || room.send('input', { dx: 1, dy: 0 }), INPUT_MS)
    seats.push(seat)
  }
  await wait(SETTLE_MS)
  fromMs = performance.now()
  for (const seat of seats) Object.assign(seat, { lastMs: fromMs, maxGapMs: 0 })
  seats[0]!.room.send('attack', how)
  let driverLagMs = 0
  for (let now = performance.now(); now < fromMs + AFTER_MS; ) {
    await wait(5)
    driverLagMs = Math.max(driverLagMs, performance.now() - now - 5)
    now = performance.now()
  }
  const others = seats.slice(1)
  const outcome: Outcome = {
    attack,
    othersMaxGapMs: null, // it has no other games: all its rooms are siblings
    othersLostRooms: null,
    siblingsMaxGapMs: Math.round(Math.max(...others.map(({ maxGapMs, isLost }) => (isLost ? 0 : maxGapMs)))),
    siblingsLostRooms: others.filter(({ isLost }) => isLost).length,
    endedMs,
    reason: endedMs === null ? 'it went on' : `the process ended: ${/Error: .*/.exec(errors)?.[0] ?? ''}`,
    driverLagMs: Math.round(driverLagMs),
  }
  for (const { input } of seats) clearInterval(input)
  server.kill('SIGKILL')
  await exited
  return outcome
}

const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))
