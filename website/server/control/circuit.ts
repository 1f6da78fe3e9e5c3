// How long the website waits for a node that does not answer: not at all, once it has waited in vain a few times.
import { DOOR_TIMEOUT_MS } from '@sandlot/shared/limits.ts'

const MAX_LATE = 3 // calls without an answer in time, and none with one between them
const REST_MS = DOOR_TIMEOUT_MS / 2
const AT_ONCE = 100 // calls to one node; more than this wait for something that is not coming

/** Closed: calls go through. After MAX_LATE calls in vain it is open for REST_MS; then one at a time tries, and an answer closes it. */
export class Circuit {
  #running = 0
  #late = 0
  #openUntilMs = -Infinity
  #trying = false
  #now: () => number

  /** `now` in milliseconds of any clock that only moves forward. */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now
  }

  /** Runs `call`, which says whether its answer came in time; undefined when it is better not to ask at all. */
  async run<T extends { late: boolean }>(call: () => Promise<T>): Promise<T | undefined> {
    const open = this.#late >= MAX_LATE
    if (this.#running >= AT_ONCE || (open && (this.#trying || this.#now() < this.#openUntilMs))) return undefined
    this.#running++
    if (open) this.#trying = true
    try {
      const answer = await call()
      if (!answer.late) this.#late = 0
      else if (++this.#late >= MAX_LATE) this.#openUntilMs = this.#now() + REST_MS
      return answer
    } finally {
      this.#running--
      if (open) this.#trying = false
    }
  }
}
