// How much of each game's news the database takes in: a node cannot wear it out, however many games it is trusted with.
import { LOG_BYTES_PER_MINUTE, REPORTS_PER_MINUTE } from '@sandlot/shared/limits.ts'

const MINUTE_MS = 60_000

/** A minute's worth at once, and as much again in every further minute. */
class Allowance {
  #perMinute: number
  #left: number
  #sinceMs: number

  constructor(perMinute: number, nowMs: number) {
    this.#perMinute = perMinute
    this.#left = perMinute
    this.#sinceMs = nowMs
  }

  take(amount: number, nowMs: number): boolean {
    this.#left = Math.min(this.#perMinute, this.#left + ((nowMs - this.#sinceMs) / MINUTE_MS) * this.#perMinute)
    this.#sinceMs = nowMs
    if (this.#left < Math.min(amount, this.#perMinute)) return false
    this.#left -= amount
    return true
  }

  isFull(nowMs: number): boolean {
    return this.#left + ((nowMs - this.#sinceMs) / MINUTE_MS) * this.#perMinute >= this.#perMinute
  }
}

/** In memory: a bridge that starts anew forgives what was used in the last minute. */
export class Quotas {
  #games = new Map<string, { reports: Allowance; logBytes: Allowance }>()
  #now: () => number

  /** `now` in milliseconds of any clock that only moves forward. */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now
  }

  /** False: this game has used up its minute. Ask only for games that are there, since each is remembered for a minute. */
  take(game: string, logBytes = 0): boolean {
    const now = this.#now()
    if (this.#games.size >= 1_000 && !this.#games.has(game)) this.#forget(now)
    const quota = this.#games.get(game) ?? {
      reports: new Allowance(REPORTS_PER_MINUTE, now),
      logBytes: new Allowance(LOG_BYTES_PER_MINUTE, now),
    }
    this.#games.set(game, quota)
    return quota.reports.take(1, now) && (logBytes === 0 || quota.logBytes.take(logBytes, now))
  }

  #forget(now: number): void {
    for (const [game, { reports, logBytes }] of this.#games)
      if (reports.isFull(now) && logBytes.isFull(now)) this.#games.delete(game)
  }
}
