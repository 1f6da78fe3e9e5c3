// A token bucket: so much at once, so much a second in the long run. Free of every library, for game hosts and browsers load it.

/** Full at first. Times are milliseconds of any clock that only moves forward. */
export class Bucket {
  #perSecond: number
  #burst: number
  #tokens: number
  #sinceMs = 0

  constructor(perSecond: number, burst: number) {
    this.#perSecond = perSecond
    this.#burst = burst
    this.#tokens = burst
  }

  /** Takes `tokens`; false, and none is taken, when there are not as many. */
  take(nowMs: number, tokens = 1): boolean {
    if (this.waitMs(nowMs, tokens) > 0) return false
    this.#tokens -= tokens
    return true
  }

  /** After how many milliseconds there will be `tokens`, if nobody takes any meanwhile. */
  waitMs(nowMs: number, tokens = 1): number {
    this.#tokens = Math.min(this.#burst, this.#tokens + ((nowMs - this.#sinceMs) * this.#perSecond) / 1000)
    this.#sinceMs = nowMs
    return this.#tokens < tokens ? ((tokens - this.#tokens) / this.#perSecond) * 1000 : 0
  }

  /** Whether it is as it was at first: one who forgets it now and makes another later gives nothing away. */
  isFull(nowMs: number): boolean {
    return this.#tokens + ((nowMs - this.#sinceMs) * this.#perSecond) / 1000 >= this.#burst
  }
}
