/** A token bucket: `perSecond` in the long run, `burst` at once. Times are milliseconds of any clock that only moves forward. */
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

  /** Takes one token; false when there is none. */
  take(nowMs: number): boolean {
    this.#tokens = Math.min(this.#burst, this.#tokens + ((nowMs - this.#sinceMs) * this.#perSecond) / 1000)
    this.#sinceMs = nowMs
    if (this.#tokens < 1) return false
    this.#tokens--
    return true
  }
}
