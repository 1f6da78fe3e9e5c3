// The load generator's side of peers/colyseus.mjs: Colyseus' own SDK, over the same ws library as all others.
import type { Json } from '@sandlot/shared/protocol/messages.ts'
import type { WebSocket } from 'ws'
import { PEERS } from '../peers.ts'
import { SERVER_CORE, spawnNode } from '../process.ts'
import { Keep, Player } from './player.ts'
import { type GameName, type Options, printedPort, type Server, stopProcess } from './target.ts'

const STATES = new Set([14, 15]) // Protocol.ROOM_STATE and ROOM_STATE_PATCH of @colyseus/shared-types
const CODE = 0x1f

/** The part of the SDK's room that is used here; the package is not there when this file is checked. */
interface SdkRoom {
  sessionId: string
  state: { toJSON(): Json; players?: Map<string, { seq: number }>; entities?: Map<string, { seq: number }> }
  connection: { events: { onmessage(event: { data: ArrayBuffer }): void }; transport: { ws: WebSocket } }
  reconnection: { enabled: boolean }
  send(type: string, data: unknown): void
  onMessage(type: string, callback: (data: Json) => void): void
  onError(callback: (code: number, message: string) => void): void
  leave(consented?: boolean): Promise<number>
}
interface Sdk {
  http: { post(path: string, options: object): Promise<{ data: unknown }> }
  consumeSeatReservation(reservation: unknown): Promise<SdkRoom>
}

class ColyseusPlayer extends Player {
  me: string
  protected socket: WebSocket
  ready: Promise<void>
  #room: SdkRoom
  #apply: (event: { data: ArrayBuffer }) => void

  constructor(room: SdkRoom, game: GameName, keep: Keep) {
    super(keep)
    this.#room = room
    this.me = room.sessionId
    const { events, transport } = room.connection
    this.socket = transport.ws
    this.#apply = events.onmessage
    room.reconnection.enabled = false // the end of a run is no accident
    room.onMessage('report', (report) => this.reported(report))
    room.onMessage('msg', (text) => this.onText?.(text as string))
    this.ready = new Promise((resolve) => {
      if (game === 'echo') resolve() // has no state
      events.onmessage = (event) => {
        const bytes = new Uint8Array(event.data)
        if (!STATES.has(bytes[0]! & CODE)) return this.#apply(event)
        this.receive(bytes)
        resolve()
      }
    })
  }
  protected decode(bytes: Uint8Array): void {
    const { buffer, byteOffset, byteLength } = bytes
    const whole = byteOffset === 0 && byteLength === buffer.byteLength
    this.#apply({ data: (whole ? buffer : bytes.slice().buffer) as ArrayBuffer })
  }
  protected ackOf(): number {
    const { players, entities } = this.#room.state
    return (players ?? entities)?.get(this.me)?.seq ?? 0
  }
  state(): Json {
    return this.#room.state.toJSON()
  }
  input(dx: number, dy: number, seq: number): void {
    this.#room.send('input', { dx, dy, seq })
  }
  act(action: string, data: Json): void {
    this.#room.send(action, data)
  }
  leave(): void {
    this.#room.leave(true).catch(() => {})
  }
}

export async function startColyseus({ game }: Options, setting: 'default' | 'tuned'): Promise<Server> {
  // With Node's own WebSocket the SDK would be slower than with the ws library that all other clients here use.
  delete (globalThis as { WebSocket?: unknown }).WebSocket
  const { Client } = await import(`${PEERS}node_modules/@colyseus/sdk/build/index.mjs`)
  const child = spawnNode(SERVER_CORE, [`${PEERS}colyseus.mjs`, game, setting], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const sdk: Sdk = new Client(`http://127.0.0.1:${await printedPort(child)}`)
  const reserve = async (how: string) =>
    (await sdk.http.post(`/matchmake/${how}`, { headers: { 'Content-Type': 'application/json' }, body: {} })).data
  return {
    pid: child.pid!,
    seen: (report) => report,
    async create() {
      const keep = new Keep()
      let first: unknown = await reserve('create/bench') // makes the room and holds its first seat
      const { roomId } = first as { roomId: string }
      return {
        async join() {
          const reservation = first ?? (await reserve(`joinById/${roomId}`))
          first = undefined
          const player = new ColyseusPlayer(await sdk.consumeSeatReservation(reservation), game, keep)
          await player.ready
          return player
        },
      }
    },
    stop: () => stopProcess(child),
  }
}
