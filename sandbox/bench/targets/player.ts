// One client and what is measured at it. Decoding every message of hundreds of clients would make the load generator the bottleneck, so
// only some players are `live`; the others note when a message came and decode what they kept after the measured time. All are verified.
import type { Json } from '@sandlot/shared/protocol/messages.ts'
import type { WebSocket } from 'ws'

/** State messages kept for later; the same bytes of one room are kept once. */
export class Keep {
  #recent: Uint8Array[] = []

  /** A copy of `bytes`, shared with the other players of the room that got the same. */
  share(bytes: Uint8Array): Uint8Array {
    for (const known of this.#recent) if (Buffer.compare(known, bytes) === 0) return known
    const copy = Uint8Array.prototype.slice.call(bytes)
    this.#recent.unshift(copy)
    if (this.#recent.length > 8) this.#recent.pop()
    return copy
  }
}

const SENT = 1024 // inputs whose time of sending is known; at 20 a second that is 50 s

export abstract class Player {
  abstract readonly me: string
  protected abstract readonly socket: WebSocket
  #keep: Keep
  #waiting: Uint8Array[] = []
  #sentMs = new Float64Array(SENT)
  #seq = 0
  #acked = 0
  #lastMs = 0
  #bytes = { in: 0, out: 0 }
  #asked: ((report: Json) => void)[] = []
  #measuring = false
  live = true
  acks: number[] = []
  gaps: number[] = []
  states = 0
  onText: ((text: string) => void) | undefined
  onState: (() => void) | undefined

  constructor(keep: Keep) {
    this.#keep = keep
  }

  /** Applies one state message. */
  protected abstract decode(bytes: Uint8Array): void
  /** The state as decoded, in the shape that the server reports it. */
  abstract state(): Json
  /** The newest own input that the decoded state carries. */
  protected abstract ackOf(): number
  abstract input(dx: number, dy: number, seq: number): void
  abstract act(action: string, data: Json): void
  abstract leave(): void

  protected receive(bytes: Uint8Array): void {
    const nowMs = performance.now()
    if (this.#measuring) {
      this.states++
      if (this.#lastMs > 0) this.gaps.push(nowMs - this.#lastMs)
      this.#lastMs = nowMs
    }
    if (!this.live) {
      this.#waiting.push(this.#keep.share(bytes))
      return
    }
    this.decode(bytes)
    if (this.#seq > this.#acked) {
      const acked = this.ackOf()
      for (let seq = this.#acked + 1; seq <= acked; seq++) {
        if (this.#measuring) this.acks.push(nowMs - this.#sentMs[seq % SENT]!)
      }
      this.#acked = Math.max(this.#acked, acked)
    }
    this.onState?.()
  }
  protected reported(report: Json): void {
    this.#asked.shift()?.(report)
  }

  steer(dx: number, dy: number): void {
    this.#seq++
    this.#sentMs[this.#seq % SENT] = performance.now()
    this.input(dx, dy, this.#seq)
  }

  /** The server's own state (or view of it), sent outside of the state protocol. */
  report(): Promise<Json> {
    return new Promise((resolve) => {
      this.#asked.push(resolve)
      this.act('report', null)
    })
  }

  /** Decodes what was kept; from now on every message at once. */
  drain(): void {
    this.live = true
    for (const bytes of this.#waiting.splice(0)) this.decode(bytes)
  }

  measure(on: boolean): void {
    this.#measuring = on
    this.#lastMs = 0
    if (on) {
      this.acks = []
      this.gaps = []
      this.states = 0
      this.#bytes = this.#socketBytes()
    } else {
      const { in: received, out } = this.#socketBytes()
      this.#bytes = { in: received - this.#bytes.in, out: out - this.#bytes.out }
    }
  }
  /** Bytes on the socket, frames' heads included, in the time measured. */
  get bytes(): { in: number; out: number } {
    return this.#bytes
  }
  #socketBytes() {
    const { bytesRead, bytesWritten } = (
      this.socket as unknown as { _socket: { bytesRead: number; bytesWritten: number } }
    )._socket
    return { in: bytesRead, out: bytesWritten }
  }
}
