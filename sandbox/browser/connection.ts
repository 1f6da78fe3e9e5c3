// The websocket to the game host. It comes back by itself after a drop, into the same seat, and is the only place that holds a ticket or a resume key.
//
// idle        no socket: before the first `connect`, after `leave` or after a close that allows no retry.
// connecting  a socket is opening or `hello` is unanswered; leaves with `welcome`, or when the socket closes.
// seated      `welcome` has come; leaves when the socket closes, or when the host answers no more.
// waiting     the back-off runs; leaves for connecting when it ends.
import { CLIENT_PING_MS, HELLO_TIMEOUT_MS } from '@sandlot/shared/limits.ts'
import { encode, PROTOCOL_VERSION } from '@sandlot/shared/protocol/codec.ts'
import { ServerDecoder } from '@sandlot/shared/protocol/decoder.ts'
import type { ClientMessage, Json, ServerMessage } from '@sandlot/shared/protocol/messages.ts'
import { CLOSE, type CloseReason, closeReason } from '@sandlot/shared/reasons.ts'
import { backoffMs } from './backoff.ts'

const ANSWER_MS = 2 * HELLO_TIMEOUT_MS // opening the socket and being welcomed; a stuck proxy would hold it for minutes
const STABLE_MS = 5_000 // a seat that lasted this long starts the back-off anew
const MAX_QUIET = 4 // so many times CLIENT_PING_MS without a word of the host: the way there is dead, though nobody said so

export interface ConnectionEvents {
  message(message: ServerMessage): void
  /** The socket is gone and an attempt to return is under way. */
  lost(): void
  /** The seat is gone too: a new ticket, or a new `hello`, is needed. */
  unseated(): void
  closed(reason: CloseReason): void
}
type Credential = { ticket?: string } | { resume: string }
type State = 'idle' | 'connecting' | 'seated' | 'waiting'

export class Connection {
  readonly #url: string
  readonly #events: ConnectionEvents
  #state: State = 'idle'
  #socket: WebSocket | undefined
  #credential: Credential = {}
  #used = false // the credential was shown before, so a refusal says that the seat is gone, not that the ticket is bad
  #attempt = 0
  #seatedAtMs = 0
  #quiet = 0
  #lively = false // something was said or told since the last ping: it matters how long that takes
  #pinger: ReturnType<typeof setInterval> | undefined
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(url: string, events: ConnectionEvents) {
    this.#url = url
    this.#events = events
    addEventListener('online', () => this.#retryNow())
  }

  /** Takes a seat with `ticket`, or, where the host asks for none, any free one. A present seat is given up. */
  connect(ticket?: string): void {
    this.#drop()
    this.#credential = ticket === undefined ? {} : { ticket }
    this.#used = false
    this.#attempt = 0
    this.#open()
  }

  /** Calls an action on the server; false while there is no connection. */
  act(action: string, data: Json): boolean {
    if (this.#state !== 'seated') return false
    this.#lively = true
    this.#socket!.send(encode({ t: 'act', a: action, d: data }))
    return true
  }

  /** Says something else to the host, unless there is no connection. */
  say(message: Extract<ClientMessage, { t: 'away' | 'signal' | 'problem' }>): void {
    if (this.#state !== 'seated') return
    this.#lively = true
    this.#socket!.send(encode(message))
  }

  /** Gives the seat up for good. */
  leave(): void {
    if (this.#state === 'seated') this.#socket!.send(encode({ t: 'leave' }))
    this.#drop()
  }

  #open(): void {
    this.#state = 'connecting'
    const socket = new WebSocket(this.#url)
    socket.binaryType = 'arraybuffer'
    const decoder = new ServerDecoder({ tellsPatches: true }) // the worker has a copy
    this.#socket = socket
    this.#timer = setTimeout(() => this.#lost(socket, undefined), ANSWER_MS)
    socket.onopen = () => {
      socket.send(encode({ t: 'hello', v: PROTOCOL_VERSION, ...this.#credential }))
    }
    socket.onmessage = ({ data }) => {
      const message = decoder.decode(typeof data === 'string' ? data : new Uint8Array(data))
      if (message) this.#received(socket, message)
      else this.#lost(socket, undefined) // coming back brings the whole state anew
    }
    socket.onclose = ({ code }) => this.#lost(socket, closeReason(code))
  }

  #received(socket: WebSocket, message: ServerMessage): void {
    if (socket !== this.#socket) return
    this.#quiet = 0
    this.#lively ||= message.t !== 'beat' && message.t !== 'pong'
    if (message.t === 'welcome') {
      clearTimeout(this.#timer)
      this.#state = 'seated'
      this.#seatedAtMs = performance.now()
      this.#credential = { resume: message.resume }
      this.#used = true
      this.#tend(socket)
      this.#pinger = setInterval(() => this.#tend(socket), CLIENT_PING_MS)
    }
    this.#events.message(message)
  }

  #tend(socket: WebSocket): void {
    if (this.#quiet++ === MAX_QUIET) this.#lost(socket, undefined)
    else if (this.#lively) socket.send(encode({ t: 'ping', n: Math.round(performance.now()) }))
    this.#lively = false
  }

  #lost(socket: WebSocket, reason: CloseReason | undefined): void {
    if (socket !== this.#socket) return
    const stable = this.#state === 'seated' && performance.now() - this.#seatedAtMs > STABLE_MS
    this.#drop()
    if (reason === 'ticket-refused' && this.#used) {
      this.#events.unseated()
      return
    }
    if (reason !== undefined && !CLOSE[reason].retry) {
      this.#events.closed(reason)
      return
    }
    if ('ticket' in this.#credential) this.#used = true // it may have been spent just before the socket broke
    if (stable) this.#attempt = 0
    this.#state = 'waiting'
    this.#timer = setTimeout(() => this.#retryNow(), backoffMs(this.#attempt++))
    this.#events.lost()
  }

  #retryNow(): void {
    if (this.#state !== 'waiting') return
    clearTimeout(this.#timer)
    this.#open()
  }

  #drop(): void {
    clearTimeout(this.#timer)
    clearInterval(this.#pinger)
    this.#state = 'idle'
    const socket = this.#socket
    this.#socket = undefined
    socket?.close()
  }
}
