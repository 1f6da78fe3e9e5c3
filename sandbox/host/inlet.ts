// What players say most of the time is short: a whole text message of at most 125 ASCII characters in a frame of its own (RFC 6455, 5.2).
// Such a message is taken straight from what the socket has read, which costs less than a websocket's own reader;
// everything else is left to that reader, byte for byte.
import type { Duplex } from 'node:stream'
import type { WebSocket } from 'ws'

const WHOLE_TEXT = 0x81 // FIN, no extension, text
const MASKED = 0x80
const HEAD = 6 // bytes of such a frame before its text: two, and the mask
const MAX_LENGTH = 125
const ASCII = 0x7f

const FIN = 0x80
const RESERVED = 0x70
const BINARY = 2
const CLOSE = 8
const PONG = 10

type Listener = (chunk: Buffer) => void

/** Calls `heard` with each plain message that `wire`, the socket below `socket`, reads; `socket` tells of all others itself. In order. */
export class Inlet {
  #socket: WebSocket
  #wire: Duplex
  #heard: (text: string) => void
  #theirs: Listener
  #rest = 0 // bytes to come of a frame that the websocket's reader has the beginning of
  #take = (chunk: Buffer): void => this.#read(chunk)

  /** To be made as soon as the websocket is open. */
  constructor(socket: WebSocket, wire: Duplex, heard: (text: string) => void) {
    this.#socket = socket
    this.#wire = wire
    this.#heard = heard
    this.#theirs = wire.listeners('data').at(-1) as Listener
    wire.off('data', this.#theirs)
    wire.on('data', this.#take)
  }

  #read(chunk: Buffer): void {
    let at = 0
    while (this.#rest === 0 && at < chunk.length && this.#socket.readyState === this.#socket.OPEN) {
      const text = plainText(chunk, at)
      if (text === undefined) break
      at += HEAD + text.length
      this.#heard(text)
    }
    if (at < chunk.length) this.#leave(chunk, at)
  }

  /** Gives all from `at` on to the websocket's reader, which may find later in this turn that it wants no more. */
  #leave(chunk: Buffer, at: number): void {
    let end = at + this.#rest
    while (end < chunk.length && this.#socket.readyState === this.#socket.OPEN) {
      const length = frameLength(chunk, end)
      if (length === undefined) break
      end += length
    }
    this.#rest = end - chunk.length
    this.#wire.on('data', this.#theirs)
    this.#theirs.call(this.#wire, chunk.subarray(at))
    const isOver = !this.#wire.listeners('data').includes(this.#theirs) // it takes its listener away when it is done
    if (isOver || this.#rest < 0) this.#wire.off('data', this.#take)
    else this.#wire.off('data', this.#theirs)
  }
}

/** The text of the plain message that is whole in `chunk` from `at` on, which is then unmasked there; undefined: what begins there is another thing. */
function plainText(chunk: Buffer, at: number): string | undefined {
  if (chunk[at] !== WHOLE_TEXT || at + HEAD > chunk.length) return undefined
  const length = chunk[at + 1]! ^ MASKED
  const from = at + HEAD
  const to = from + length
  if (length > MAX_LENGTH || to > chunk.length) return undefined
  for (let i = from; i < to; i++) {
    const code = chunk[i]! ^ chunk[at + 2 + ((i - from) & 3)]!
    if (code > ASCII) {
      for (i--; i >= from; i--) chunk[i]! ^= chunk[at + 2 + ((i - from) & 3)]!
      return undefined
    }
    chunk[i] = code
  }
  return chunk.toString('latin1', from, to)
}

/** How long the frame is that begins at `at`; undefined: that cannot be seen yet, or what follows depends on it (a fragment, the end). */
function frameLength(chunk: Buffer, at: number): number | undefined {
  const first = chunk[at]!
  const kind = first & 0x0f
  const isWhole = (first & FIN) !== 0 && (first & RESERVED) === 0
  if (!isWhole || kind === 0 || (kind > BINARY && kind <= CLOSE) || kind > PONG || at + 2 > chunk.length)
    return undefined
  const second = chunk[at + 1]!
  if ((second & MASKED) === 0) return undefined
  const length = second ^ MASKED
  if (length <= MAX_LENGTH) return HEAD + length
  if (length > 126 || at + 4 > chunk.length) return undefined
  return HEAD + 2 + chunk.readUInt16BE(at + 2)
}
