// One player's websocket: checks what comes in, leaves out what a slow reader cannot take, and ends when the peer is gone.
//
// strange   open, but nobody has said who it is. Left by `greeted`, or closed HELLO_TIMEOUT_MS after it opened.
// heard     its messages are passed on.
// behind    heard, but too much of what it was sent is unread: it is sent nothing. Left for heard when it has read all that, or
//           closed MAX_LAG_MS later.
// closing   it has been told why and is heard no more. Its socket is destroyed CLOSE_MS later at the latest.
import type { Duplex } from 'node:stream'
import {
  CLOSE_MS,
  HELLO_TIMEOUT_MS,
  MAX_BUFFERED_BYTES,
  MAX_LAG_MS,
  MAX_UNSENT_BYTES,
  PING_MS,
  SILENCE_MS,
} from '@sandlot/shared/limits.ts'
import { decodeClientMessage, encode } from '@sandlot/shared/protocol/codec.ts'
import type { ClientMessage } from '@sandlot/shared/protocol/messages.ts'
import { CLOSE, type CloseReason } from '@sandlot/shared/reasons.ts'
import type { Closing } from '@sandlot/shared/traffic.ts'
import type { WebSocket } from 'ws'
import type { Allowance } from './allowance.ts'
import { now } from './game.ts'
import { Inlet } from './inlet.ts'
import { frameOf } from './wire.ts'

export interface SocketLimits {
  helloMs: number
  pingMs: number
  silenceMs: number
  lagMs: number
  bufferedBytes: number
  /** For all connections together. */
  allUnsentBytes: number
}
export const SOCKET_LIMITS: Readonly<SocketLimits> = Object.freeze({
  helloMs: HELLO_TIMEOUT_MS,
  pingMs: PING_MS,
  silenceMs: SILENCE_MS,
  lagMs: MAX_LAG_MS,
  bufferedBytes: MAX_BUFFERED_BYTES,
  allUnsentBytes: MAX_UNSENT_BYTES,
})

export interface ConnectionEvents {
  message(message: ClientMessage, bytes: number): void
  /** It is sent nothing until `caughtUp`. Called from within `send`. */
  behind(): void
  caughtUp(): void
  /** It sends more than its allowance. */
  over(what: 'messages' | 'bytes'): void
  /** We end it; `gone` follows. */
  closing(why: Closing): void
  gone(): void
}

/** For the browser, which answers, and for the page, which does not see that. */
const PING_AND_BEAT = Buffer.concat([Buffer.from([0x89, 0]), frameOf(encode({ t: 'beat' }))])
const CAUGHT_UP = Buffer.from('caught up') // of the ping that stands behind all that was sent

export class Connection {
  seat: { room: string; player: string } | undefined
  allowance: Allowance
  #socket: WebSocket
  #wire: Duplex
  #limits: Readonly<SocketLimits>
  #events: ConnectionEvents
  #state: { is: 'strange'; sinceMs: number } | { is: 'heard' } | { is: 'behind'; sinceMs: number } | { is: 'closing' }
  #heardMs: number
  #pingedMs: number

  /** `wire`: what the websocket writes its frames to. */
  constructor(
    socket: WebSocket,
    wire: Duplex,
    allowance: Allowance,
    limits: Readonly<SocketLimits>,
    events: ConnectionEvents,
  ) {
    this.#socket = socket
    this.#wire = wire
    this.allowance = allowance
    this.#limits = limits
    this.#events = events
    const nowMs = now()
    this.#state = { is: 'strange', sinceMs: nowMs }
    this.#heardMs = nowMs
    this.#pingedMs = nowMs
    new Inlet(socket, wire, (text) => this.#hear(text, text.length))
    socket.on('message', (data: Buffer, isBinary) => this.#hear(isBinary ? undefined : data.toString(), data.length))
    socket.on('ping', (data) => this.#take(data.length))
    socket.on('pong', (data) => this.#pong(data))
    socket.on('error', () => this.#broken()) // ws closes with the right code, and 'close' follows
    socket.on('close', () => events.gone())
  }

  get open(): boolean {
    return this.#state.is !== 'closing' && this.#socket.readyState === this.#socket.OPEN
  }
  get unsentBytes(): number {
    return this.#socket.bufferedAmount
  }

  /** It has said who it is. */
  greeted(): void {
    if (this.#state.is === 'strange') this.#state = { is: 'heard' }
  }

  /** Takes what was sent from the allowance; false, and the connection is closed, when it was too much. */
  #take(bytes: number): boolean {
    if (!this.open) return false
    this.#heardMs = now()
    const lacking = this.allowance.take(this.#heardMs, bytes)
    if (lacking === undefined) return true
    this.#events.over(lacking)
    this.#refuse('too-fast')
    return false
  }

  /** `text` undefined: it was none. */
  #hear(text: string | undefined, bytes: number): void {
    if (!this.#take(bytes)) return
    const message = text === undefined ? undefined : decodeClientMessage(text)
    if (message) this.#events.message(message, bytes)
    else this.#refuse('malformed')
  }

  #pong(data: Buffer): void {
    if (!this.#take(data.length) || this.#state.is !== 'behind' || !data.equals(CAUGHT_UP)) return
    if (this.unsentBytes > this.#limits.bufferedBytes / 16) return // it says so, but has not read
    this.#state = { is: 'heard' }
    this.#events.caughtUp()
  }

  send(data: string | Buffer): void {
    if (!this.open) return
    if (this.#state.is === 'behind') return
    if (this.#wire.writableLength <= this.#limits.bufferedBytes) {
      this.#wire.write(frameOf(data)) // what goes through the websocket itself is written at once too, so order is kept
      return
    }
    this.#state = { is: 'behind', sinceMs: now() }
    this.#socket.ping(CAUGHT_UP)
    this.#events.behind()
  }

  /** To be called every second or two: pings who is quiet, and ends what says nothing, does not answer or does not read. */
  tend(nowMs: number): void {
    if (!this.open) return
    const state = this.#state
    if (state.is === 'strange' && nowMs >= state.sinceMs + this.#limits.helloMs) this.close('hello-timeout')
    else if (state.is === 'behind' && nowMs >= state.sinceMs + this.#limits.lagMs) this.drop('too-slow')
    else if (nowMs >= this.#heardMs + this.#limits.silenceMs) this.drop('silent')
    else if (nowMs >= Math.max(this.#heardMs, this.#pingedMs) + this.#limits.pingMs) {
      this.#pingedMs = nowMs
      this.#wire.write(PING_AND_BEAT)
    }
  }

  /** Our own process was held up: what the peer said meanwhile has not been read yet. */
  forgive(nowMs: number): void {
    this.#heardMs = nowMs
    if (this.#state.is === 'strange' || this.#state.is === 'behind') this.#state = { ...this.#state, sinceMs: nowMs }
  }

  close(reason: CloseReason): void {
    const { code, text } = CLOSE[reason]
    if (this.#end(reason)) this.#socket.close(code, text)
  }

  /** The player gave the seat up. */
  leave(): void {
    if (this.#end(undefined)) this.#socket.close(1000, 'left')
  }

  /** Ends it at once; a peer that reads is told why. */
  drop(why: 'too-slow' | 'silent'): void {
    if (why === 'too-slow') this.close(why)
    else this.#end(why)
    this.#socket.terminate() // what it has not read by now it never will; keep no megabyte for it
  }

  /** Reads no more of it: what an attacker still sends stays in its own buffers. */
  #refuse(reason: 'too-fast' | 'malformed'): void {
    this.close(reason)
    this.#socket.pause()
  }

  #broken(): void {
    this.#end('protocol')
  }

  /** False when it is ending already. */
  #end(why: Closing | undefined): boolean {
    if (this.#state.is === 'closing') return false
    this.#state = { is: 'closing' }
    if (why) this.#events.closing(why)
    const timer = setTimeout(() => this.#socket.terminate(), CLOSE_MS)
    this.#socket.once('close', () => clearTimeout(timer))
    return true
  }
}
