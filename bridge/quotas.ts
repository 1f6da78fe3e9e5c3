// How much of each game's news the database takes in: a node cannot wear it out, however many games it is trusted with.
import { Bucket } from '@sandlot/shared/bucket.ts'
import { LOG_BYTES_PER_MINUTE, REPORTS_PER_MINUTE } from '@sandlot/shared/limits.ts'

const perMinute = (amount: number) => new Bucket(amount / 60, amount) // all at once if need be

/** In memory: a bridge that starts anew forgives what was used in the last minute. */
export class Quotas {
  #games = new Map<string, { reports: Bucket; logBytes: Bucket }>()
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
      reports: perMinute(REPORTS_PER_MINUTE),
      logBytes: perMinute(LOG_BYTES_PER_MINUTE),
    }
    this.#games.set(game, quota)
    // A batch that is larger than the limit takes all there is: it could never be sent otherwise.
    return quota.reports.take(now) && quota.logBytes.take(now, Math.min(logBytes, LOG_BYTES_PER_MINUTE))
  }

  #forget(now: number): void {
    for (const [game, { reports, logBytes }] of this.#games)
      if (reports.isFull(now) && logBytes.isFull(now)) this.#games.delete(game)
  }
}
