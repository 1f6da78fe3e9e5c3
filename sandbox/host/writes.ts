// What a game writes to its store, on its way out of the host. A game may write in every frame of every room, and each write costs its
// supervisor a line on disk: past so many bytes a second only the last value of each name goes out.
import type { Json } from '@sandlot/shared/protocol/messages.ts'
import { Bucket } from './bucket.ts'

const BYTES_PER_SECOND = 64 * 1024
const SAVED_S = 8 // what a quiet game may write at once
const NAME_BYTES = 100 // what a write costs besides its value

export class Writes {
  #send: (name: string, value: Json) => void
  #bucket = new Bucket(BYTES_PER_SECOND, SAVED_S * BYTES_PER_SECOND)
  #waiting = new Map<string, Json>()

  /** `send` is called for what goes out. */
  constructor(send: (name: string, value: Json) => void) {
    this.#send = send
  }

  /** Goes out at once, or with a later `flush`. */
  set(name: string, value: Json, nowMs: number): void {
    this.#waiting.delete(name) // behind the others that wait
    this.#waiting.set(name, value)
    this.flush(nowMs)
  }

  /** Sends what waits, as far as it may. To be called about once a second. */
  flush(nowMs: number): void {
    for (const [name, value] of this.#waiting) {
      if (!this.#bucket.take(nowMs, NAME_BYTES + JSON.stringify(value).length)) return
      this.#waiting.delete(name)
      this.#send(name, value)
    }
  }

  /** Sends all of it: the game stops. */
  end(): void {
    for (const [name, value] of this.#waiting) this.#send(name, value)
    this.#waiting.clear()
  }
}
