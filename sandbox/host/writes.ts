// What a game writes to its store, on its way out of the host. A game may write in every frame of every room, and each write costs its
// supervisor a line on disk and the bridge a call: past so many and so many bytes a second only the last value of each name goes out.
import { Bucket } from '@sandlot/shared/bucket.ts'
import { MAX_STORE_NAMES, REPORTS_PER_MINUTE } from '@sandlot/shared/limits.ts'
import type { Json } from '@sandlot/shared/protocol/messages.ts'

const BYTES_PER_SECOND = 64 * 1024
const SAVED_S = 8 // what a quiet game may write at once
const WRITES_PER_SECOND = REPORTS_PER_MINUTE / 60 / 2 // the other half is for builds and logs
const SAVED_WRITES = 2 * MAX_STORE_NAMES // a game that renames all that it keeps
const NAME_BYTES = 100 // what a write costs besides its value

export class Writes {
  #send: (name: string, value: Json) => void
  #bytes = new Bucket(BYTES_PER_SECOND, SAVED_S * BYTES_PER_SECOND)
  #count = new Bucket(WRITES_PER_SECOND, SAVED_WRITES)
  #isPaid = false // by `#count`, of the first that waits
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
      if (!this.#isPaid && !this.#count.take(nowMs)) return
      this.#isPaid = true
      if (!this.#bytes.take(nowMs, NAME_BYTES + JSON.stringify(value).length)) return
      this.#isPaid = false
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
