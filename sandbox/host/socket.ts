// Players' websockets: lets in who may, turns bytes into checked messages, and closes who floods, stalls or breaks the protocol.
import type { IncomingMessage, Server } from 'node:http'
import type { Duplex } from 'node:stream'
import {
  HELLO_TIMEOUT_MS,
  MAX_BUFFERED_BYTES,
  MAX_CLIENT_MESSAGE_BYTES,
  MESSAGE_BURST,
  MESSAGES_PER_SECOND,
  PING_MS,
} from '@sandlot/shared/limits.ts'
import { decodeClientMessage, encode, PROTOCOL_VERSION } from '@sandlot/shared/protocol/codec.ts'
import type { ClientMessage, Player } from '@sandlot/shared/protocol/messages.ts'
import { newPlayerId, newResumeKey } from '@sandlot/shared/random-ids.ts'
import { CLOSE, type CloseReason } from '@sandlot/shared/reasons.ts'
import { type WebSocket, WebSocketServer } from 'ws'
import { Bucket } from './bucket.ts'
import { type Game, now } from './game.ts'
import { baseOf } from './headers.ts'

/** Whom a ticket lets in where; undefined: refused. */
export type Admit = (ticket: string) => Promise<{ room: string; player: Player } | undefined>

export interface SocketOptions {
  game: () => Game | undefined
  behindProxy: boolean
  /** Undefined: anybody may take a seat without a ticket. */
  admit: Admit | undefined
}

type Hello = Extract<ClientMessage, { t: 'hello' }>

interface Connection {
  socket: WebSocket
  /** What it may still send. */
  bucket: Bucket
  alive: boolean
  seat: { room: string; player: string } | undefined
}

export class Sockets {
  #options: SocketOptions
  #server = new WebSocketServer({ noServer: true, maxPayload: MAX_CLIENT_MESSAGE_BYTES, perMessageDeflate: false })
  #connections = new Set<Connection>()
  #seated = new Map<string, Connection>() // by player id
  #resume = new Map<string, { room: string; player: Player }>()
  #resumeOf = new Map<string, string>() // player id to resume key
  #buckets = new Map<string, Bucket>() // by player id: connecting again fills none
  #guests = 0
  #pinger: NodeJS.Timeout

  constructor(options: SocketOptions) {
    this.#options = options
    this.#pinger = setInterval(() => this.#ping(), PING_MS)
  }

  /** Takes the upgrades of `server` on /ws. */
  attach(server: Server): void {
    server.on('upgrade', (request, socket, head) => {
      socket.on('error', () => socket.destroy()) // Node has let go of it, and nobody else would hear that the peer is gone
      const status = this.#refusal(request)
      if (status) return refuse(socket, status)
      this.#server.handleUpgrade(request, socket, head, (websocket) => this.#accept(websocket))
    })
  }

  #refusal(request: IncomingMessage): string | undefined {
    if ((request.url ?? '').split('?', 1)[0] !== '/ws') return '404 Not Found'
    const { origin } = request.headers
    if (origin === undefined || origin === 'null') return undefined // no browser; or the game's own page, which is opaque
    const base = baseOf(request, this.#options.behindProxy)
    return base?.origin === origin ? undefined : '403 Forbidden'
  }

  #accept(socket: WebSocket): void {
    const connection: Connection = {
      socket,
      bucket: new Bucket(MESSAGES_PER_SECOND, MESSAGE_BURST),
      alive: true,
      seat: undefined,
    }
    this.#connections.add(connection)
    const timer = setTimeout(() => close(socket, 'hello-timeout'), HELLO_TIMEOUT_MS)
    let greeted = false
    socket.on('pong', () => {
      connection.alive = true
    })
    socket.on('error', () => {}) // a broken frame: ws closes with the right code, and 'close' follows
    socket.on('close', () => {
      clearTimeout(timer)
      this.#connections.delete(connection)
      this.#drop(connection)
    })
    socket.on('message', (data, isBinary) => {
      if (socket.readyState !== socket.OPEN) return
      if (!connection.bucket.take(now())) return close(socket, 'too-fast')
      const text = isBinary ? '' : data.toString()
      const message = decodeClientMessage(text)
      if (!message) return close(socket, 'malformed')
      if (message.t === 'hello' && !greeted) {
        greeted = true
        clearTimeout(timer)
        this.#greet(connection, message)
      } else if (message.t === 'hello' || !greeted) close(socket, 'malformed')
      else this.#hear(connection, message, text.length)
    })
  }

  async #greet(connection: Connection, hello: Hello): Promise<void> {
    const { socket } = connection
    if (hello.v !== PROTOCOL_VERSION) return close(socket, 'version')
    const game = this.#options.game()
    if (!game) return close(socket, 'stopping')
    const place = await this.#place(game, hello)
    if (socket.readyState !== socket.OPEN) return
    if (typeof place === 'string') return close(socket, place)
    const room = game.room(place.room)
    if (!room) return close(socket, 'room-ended')
    if (!room.sit(place.player, now())) return close(socket, 'room-full')
    const { player } = place
    const before = this.#seated.get(player.id)
    if (before) {
      before.seat = undefined
      close(before.socket, 'replaced')
    }
    connection.seat = { room: room.id, player: player.id }
    connection.bucket = this.#buckets.get(player.id) ?? connection.bucket
    this.#buckets.set(player.id, connection.bucket)
    this.#seated.set(player.id, connection)
    const resume = this.#newResumeKey(room.id, player)
    const seed = Number.parseInt(room.id.slice(-6), 32)
    this.#send(
      connection,
      encode({ t: 'welcome', v: PROTOCOL_VERSION, room: room.id, me: player, resume, seed, client: room.build.client }),
    )
    room.connect(player.id)
    game.wake()
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

  #newResumeKey(room: string, player: Player): string {
    this.#resume.delete(this.#resumeOf.get(player.id) ?? '')
    const key = newResumeKey()
    this.#resume.set(key, { room, player })
    this.#resumeOf.set(player.id, key)
    return key
  }

  #hear(connection: Connection, message: Exclude<ClientMessage, Hello>, chars: number): void {
    const { seat } = connection
    const game = this.#options.game()
    const room = seat && game?.room(seat.room)
    if (!seat || !room || !game) return // still being let in, or the room has just ended: what it says has no addressee
    if (message.t === 'act') room.act(seat.player, message.a, message.d ?? null, chars)
    else {
      room.leave(seat.player, now())
      connection.socket.close(1000, 'left')
    }
    game.wake()
  }

  #drop(connection: Connection): void {
    const { seat } = connection
    if (!seat || this.#seated.get(seat.player) !== connection) return
    this.#seated.delete(seat.player)
    const game = this.#options.game()
    game?.room(seat.room)?.disconnect(seat.player, now())
    game?.wake()
  }

  #send(connection: Connection, text: string): void {
    const { socket } = connection
    if (socket.readyState !== socket.OPEN) return
    if (socket.bufferedAmount > MAX_BUFFERED_BYTES) {
      close(socket, 'too-slow')
      socket.terminate() // what it has not read by now it never will; keep no megabyte for it
      return
    }
    socket.send(text)
  }

  send(player: string, text: string): void {
    const connection = this.#seated.get(player)
    if (connection) this.#send(connection, text)
  }

  /** Closes the player's socket; the seat is no longer this connection's. */
  close(player: string, reason: CloseReason): void {
    this.forget(player)
    const connection = this.#seated.get(player)
    if (!connection) return
    connection.seat = undefined
    this.#seated.delete(player)
    close(connection.socket, reason)
  }

  /** The player has no seat any more: its resume key opens nothing. */
  forget(player: string): void {
    const key = this.#resumeOf.get(player)
    if (key !== undefined) this.#resume.delete(key)
    this.#resumeOf.delete(player)
    this.#buckets.delete(player)
  }

  #ping(): void {
    for (const connection of this.#connections) {
      if (!connection.alive) connection.socket.terminate()
      else {
        connection.alive = false
        connection.socket.ping()
      }
    }
  }

  /** Tells every player to come back in a moment, and lets go of all sockets. */
  stop(): void {
    clearInterval(this.#pinger)
    for (const { socket } of this.#connections) close(socket, 'stopping')
    this.#server.close()
  }
}

function close(socket: WebSocket, reason: CloseReason): void {
  const { code, text } = CLOSE[reason]
  socket.close(code, text)
}

function refuse(socket: Duplex, status: string): void {
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
}
