// Players' websockets: who is let in, which seat a socket has, and what is counted.
import { type IncomingMessage, type Server, STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import { type Budgets, DEFAULT_BUDGETS } from '@sandlot/shared/budgets.ts'
import {
  MAX_CLIENT_MESSAGE_BYTES,
  MAX_FRAGMENTS,
  MESSAGES_PER_SECOND,
  PLAYER_BYTES_PER_SECOND,
} from '@sandlot/shared/limits.ts'
import { encode, PROTOCOL_VERSION } from '@sandlot/shared/protocol/codec.ts'
import type { ClientMessage, Player } from '@sandlot/shared/protocol/messages.ts'
import { newPlayerId, newResumeKey } from '@sandlot/shared/random-ids.ts'
import { type CloseReason, REFUSAL, type Refusal } from '@sandlot/shared/reasons.ts'
import { type WebSocket, WebSocketServer } from 'ws'
import { Addresses } from './addresses.ts'
import { Allowance } from './allowance.ts'
import { Connection, type ConnectionEvents, SOCKET_LIMITS, type SocketLimits } from './connection.ts'
import { type Game, now } from './game.ts'
import { addressOf, baseOf, COMMON_HEADERS, isPlainRequest } from './headers.ts'
import { count, newTraffic, type Traffic } from './traffic.ts'
import type { Usages } from './usage.ts'

/** Whom a ticket lets in where; undefined: refused. */
export type Admit = (ticket: string) => Promise<{ room: string; player: Player } | undefined>

export interface SocketOptions {
  game: () => Game | undefined
  behindProxy: boolean
  /** Undefined: anybody may take a seat without a ticket. */
  admit: Admit | undefined
  limits?: Partial<SocketLimits> | undefined
}

type Hello = Extract<ClientMessage, { t: 'hello' }>

const TEND_MS = 2_000
const HELD_UP_MS = 2 * TEND_MS

export class Sockets {
  #options: SocketOptions
  #limits: SocketLimits
  #server = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    maxPayload: MAX_CLIENT_MESSAGE_BYTES,
    maxFragments: MAX_FRAGMENTS,
    perMessageDeflate: false, // a kilobyte could become a megabyte, and each socket would keep a window of its own
  })
  #addresses = new Addresses(() => {
    const { addressSockets: max, addressSocketsPerSecond: perSecond } = this.budgets
    return { max, perSecond }
  })
  #connections = new Set<Connection>()
  #seated = new Map<string, Connection>() // by player id
  #resume = new Map<string, { room: string; player: Player }>()
  #resumeOf = new Map<string, string>() // player id to resume key
  #allowances = new Map<string, Allowance>() // by player id: connecting again fills none
  #usages: Usages | undefined
  #total = newTraffic()
  #traffic = new Map<string, Traffic>() // by room
  #guests = 0
  #tendedMs = now()
  #tender: NodeJS.Timeout
  #stopping = false

  constructor(options: SocketOptions) {
    this.#options = options
    this.#limits = { ...SOCKET_LIMITS, ...options.limits }
    this.#tender = setInterval(() => this.#tend(), Math.min(TEND_MS, this.#limits.pingMs))
  }

  /** From now on players are held to these budgets, and what they use is noted there. */
  measure(usages: Usages): void {
    this.#usages = usages
  }

  /** What the game may use; the defaults until `measure`. */
  get budgets(): Readonly<Budgets> {
    return this.#usages?.budgets ?? DEFAULT_BUDGETS
  }

  /** A connection that never became a request was refused. */
  countRefused(): void {
    count(this.#total.refused, 'too-many-connections')
  }

  /** What was counted in this room since it began. */
  traffic(room: string): Readonly<Traffic> {
    return this.#traffic.get(room) ?? newTraffic()
  }
  /** What was counted in all rooms, ended ones too, and at the door. */
  get total(): Readonly<Traffic> {
    return this.#total
  }

  /** Waiting for players to read it. */
  get unsentBytes(): number {
    let bytes = 0
    for (const connection of this.#connections) bytes += connection.unsentBytes
    return bytes
  }

  /** Takes the upgrades of `server` on /ws. */
  attach(server: Server): void {
    server.on('upgrade', (request, socket, head) => {
      socket.on('error', () => socket.destroy()) // Node has let go of it, and nobody else would hear that the peer is gone
      const refusal = this.#refusal(request) ?? this.#enter(request, socket)
      if (refusal) {
        count(this.#total.refused, refusal)
        refuse(socket, refusal)
      } else this.#server.handleUpgrade(request, socket, head, (websocket) => this.#accept(websocket, socket))
    })
  }

  #refusal(request: IncomingMessage): Refusal | undefined {
    if (this.#stopping) return 'host-stopping'
    if ((request.url ?? '').split('?', 1)[0] !== '/ws') return 'not-here'
    if (!isPlainRequest(request)) return 'malformed-request'
    const { origin } = request.headers
    if (origin === undefined || origin === 'null') return undefined // no browser; or the game's own page, which is opaque
    const base = baseOf(request, this.#options.behindProxy)
    return base?.origin === origin ? undefined : 'wrong-origin'
  }

  #enter(request: IncomingMessage, socket: Duplex): Refusal | undefined {
    const address = addressOf(request, this.#options.behindProxy)
    if (address === undefined) return undefined // a program on this machine that may use the unix socket itself
    const entered = this.#addresses.enter(address, now())
    if (entered === 'too-many') {
      this.#usages?.over('addressSockets')
      return 'too-many-sockets'
    }
    if (entered === 'too-fast') {
      this.#usages?.over('addressSocketsPerSecond')
      return 'too-many-new-sockets'
    }
    socket.once('close', () => this.#addresses.leave(address))
    return undefined
  }

  #accept(socket: WebSocket, wire: Duplex): void {
    const allowance = new Allowance(MESSAGES_PER_SECOND, PLAYER_BYTES_PER_SECOND)
    const connection: Connection = new Connection(
      socket,
      wire,
      allowance,
      this.#limits,
      this.#eventsOf(() => connection),
    )
    this.#connections.add(connection)
    if (this.#stopping) connection.close('stopping')
  }

  #eventsOf(self: () => Connection): ConnectionEvents {
    let greeted = false
    const tell = (verb: 'lag' | 'catchUp') => {
      const { seat } = self()
      const game = this.#options.game()
      if (!seat) return
      game?.room(seat.room)?.[verb](seat.player)
      game?.wake(seat.room)
    }
    return {
      message: (message, bytes) => {
        const connection = self()
        if (message.t === 'hello' && !greeted) {
          greeted = true
          connection.greeted()
          this.#greet(connection, message)
        } else if (message.t === 'hello' || !greeted) connection.close('malformed')
        else this.#hear(connection, message, bytes)
      },
      behind: () => {
        this.#each(self(), (traffic) => traffic.lagged++)
        tell('lag')
      },
      caughtUp: () => tell('catchUp'),
      over: (what) => this.#usages?.over(what === 'messages' ? 'playerMessagesPerSecond' : 'playerBytesPerSecond'),
      closing: (why) => this.#each(self(), ({ closed }) => count(closed, why)),
      gone: () => {
        this.#connections.delete(self())
        this.#drop(self())
      },
    }
  }

  /** Counts for the whole host and, when the connection has a seat, for its room. */
  #each({ seat }: Connection, add: (traffic: Traffic) => void): void {
    add(this.#total)
    if (!seat || !this.#options.game()?.room(seat.room)) return
    add(this.#trafficOf(seat.room))
  }

  #trafficOf(room: string): Traffic {
    const known = this.#traffic.get(room)
    if (known) return known
    const traffic = newTraffic()
    this.#traffic.set(room, traffic)
    return traffic
  }

  async #greet(connection: Connection, hello: Hello): Promise<void> {
    if (hello.v !== PROTOCOL_VERSION) return connection.close('version')
    const game = this.#options.game()
    if (!game) return connection.close('stopping')
    const place = await this.#place(game, hello)
    if (!connection.open) return
    if (this.#stopping) return connection.close('stopping')
    if (typeof place === 'string') return connection.close(place)
    const room = game.room(place.room)
    if (!room) return connection.close('room-ended')
    if (!room.sit(place.player, now())) return connection.close('room-full')
    const { player } = place
    const before = this.#seated.get(player.id)
    if (before) {
      before.close('replaced')
      before.seat = undefined
    }
    connection.seat = { room: room.id, player: player.id }
    connection.allowance = this.#allowanceOf(player.id)
    this.#seated.set(player.id, connection)
    const resume = this.#newResumeKey(room.id, player)
    const seed = Number.parseInt(room.id.slice(-6), 32)
    connection.send(
      encode({ t: 'welcome', v: PROTOCOL_VERSION, room: room.id, me: player, resume, seed, client: room.build.client }),
    )
    room.connect(player.id)
    game.wake(room.id)
  }

  /** Where this hello leads, or why it leads nowhere. */
  async #place(game: Game, hello: Hello): Promise<{ room: string; player: Player } | CloseReason> {
    if (hello.resume !== undefined) {
      const known = this.#resume.get(hello.resume)
      if (known && game.room(known.room)?.hasSeat(known.player.id)) return known
      if (this.#options.admit && hello.ticket === undefined) return 'ticket-refused'
    }
    if (this.#options.admit) {
      const admitted = hello.ticket === undefined ? undefined : await this.#options.admit(hello.ticket)
      return admitted ?? 'ticket-refused'
    }
    const room = game.roomWithSeat() ?? game.open()
    if (!room) return 'no-room'
    this.#guests++
    return {
      room: room.id,
      player: { id: newPlayerId(), name: hello.name?.replace(/\p{C}/gu, '').trim() || `Player ${this.#guests}` },
    }
  }

  #allowanceOf(player: string): Allowance {
    const known = this.#allowances.get(player)
    if (known) return known
    const { playerMessagesPerSecond, playerBytesPerSecond } = this.budgets
    const allowance = new Allowance(playerMessagesPerSecond, playerBytesPerSecond)
    this.#allowances.set(player, allowance)
    return allowance
  }

  #newResumeKey(room: string, player: Player): string {
    this.#resume.delete(this.#resumeOf.get(player.id) ?? '')
    const key = newResumeKey()
    this.#resume.set(key, { room, player })
    this.#resumeOf.set(player.id, key)
    return key
  }

  #hear(connection: Connection, message: Exclude<ClientMessage, Hello>, bytes: number): void {
    const { seat } = connection
    const game = this.#options.game()
    const room = seat && game?.room(seat.room)
    if (!seat || !room || !game) return // still being let in, or the room has just ended: what it says has no addressee
    if (message.t === 'ping') {
      connection.send(encode({ t: 'pong', n: message.n }))
      return
    }
    heard(this.#total, bytes)
    heard(this.#trafficOf(room.id), bytes)
    if (message.t === 'act') {
      room.act(seat.player, message.a, message.d ?? null, bytes)
      if (!room.isPaced) game.wake(room.id)
      return
    }
    if (message.t === 'away') {
      room.away(seat.player, message.away, now())
      return
    }
    if (message.t === 'signal') {
      room.signal(seat.player, message.to, message.d, now())
      return
    }
    if (message.t === 'problem') {
      room.mistake(seat.player, message, now())
      return
    }
    room.leave(seat.player, now())
    connection.leave()
    game.wake(room.id)
  }

  #drop(connection: Connection): void {
    const { seat } = connection
    if (!seat || this.#seated.get(seat.player) !== connection) return
    this.#seated.delete(seat.player)
    const game = this.#options.game()
    game?.room(seat.room)?.disconnect(seat.player, now())
    game?.wake(seat.room)
  }

  send(player: string, data: string | Buffer): void {
    this.#seated.get(player)?.send(data)
  }

  /** Closes the player's socket; the seat is no longer this connection's. */
  close(player: string, reason: CloseReason): void {
    this.forget(player)
    const connection = this.#seated.get(player)
    if (!connection) return
    this.#seated.delete(player)
    connection.close(reason)
    connection.seat = undefined
  }

  /** The player has no seat any more: its resume key opens nothing. */
  forget(player: string): void {
    const key = this.#resumeOf.get(player)
    if (key !== undefined) this.#resume.delete(key)
    this.#resumeOf.delete(player)
    this.#allowances.delete(player)
  }

  #tend(): void {
    const nowMs = now()
    const heldUp = nowMs > this.#tendedMs + HELD_UP_MS
    this.#tendedMs = nowMs
    for (const connection of this.#connections) {
      if (heldUp) connection.forgive(nowMs)
      connection.tend(nowMs)
    }
    this.#relieve()
    for (const room of this.#traffic.keys()) if (!this.#options.game()?.room(room)) this.#traffic.delete(room)
    const { open, entered } = this.#addresses.measure()
    this.#usages?.note('addressSockets', open)
    this.#usages?.note('addressSocketsPerSecond', entered)
    for (const allowance of this.#allowances.values()) {
      const sent = allowance.measure(nowMs)
      if (!sent) continue
      this.#usages?.note('playerMessagesPerSecond', sent.messages)
      this.#usages?.note('playerBytesPerSecond', sent.bytes)
    }
  }

  /** Closes those for whom most is waiting, until what waits for all is bearable. */
  #relieve(): void {
    const { allUnsentBytes } = this.#limits
    let left = this.unsentBytes
    if (left <= allUnsentBytes) return
    for (const connection of [...this.#connections].sort((a, b) => b.unsentBytes - a.unsentBytes)) {
      left -= connection.unsentBytes
      connection.drop('too-slow')
      if (left <= allUnsentBytes) return
    }
  }

  /** Tells every player to come back in a moment, and lets go of all sockets. */
  stop(): void {
    this.#stopping = true
    clearInterval(this.#tender)
    for (const connection of this.#connections) connection.close('stopping')
    this.#server.close()
  }
}

function heard(traffic: Traffic, bytes: number): void {
  traffic.messages++
  traffic.bytes += bytes
}

function refuse(socket: Duplex, refusal: Refusal): void {
  const { status, text, retryS } = REFUSAL[refusal]
  const headers: Record<string, string> = {
    ...COMMON_HEADERS,
    'Content-Type': 'text/plain; charset=utf-8',
    'Content-Length': String(Buffer.byteLength(text) + 1),
    Connection: 'close',
    ...(retryS !== undefined && { 'Retry-After': String(retryS) }),
  }
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  socket.once('finish', () => socket.destroy()) // a peer that keeps its half open must not keep ours
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${lines.join('')}\r\n${text}\n`)
}
