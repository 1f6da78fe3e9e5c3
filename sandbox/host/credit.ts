// A room's CPU time: so much a second, saved up to a cap. Overdraft is paid back by waiting, and only by the room that ran it up.
export class Credit {
  #msPerSecond: number
  #capMs: number
  #ms: number
  #sinceMs: number | undefined

  /** Starts full. */
  constructor(msPerSecond: number, capMs: number) {
    this.#msPerSecond = msPerSecond
    this.#capMs = capMs
    this.#ms = capMs
  }

  /** Takes `usedMs` of CPU time; true when that was more than there was. `nowMs` of any clock that only moves forward. */
  spend(usedMs: number, nowMs: number): boolean {
    const earned = this.#sinceMs === undefined ? 0 : ((nowMs - this.#sinceMs) * this.#msPerSecond) / 1000
    this.#sinceMs = nowMs
    this.#ms = Math.min(this.#capMs, this.#ms + earned) - usedMs
    return this.#ms < 0
  }

  /** When nothing is owed any more, in the clock of `spend`; -Infinity: nothing is. */
  get readyMs(): number {
    if (this.#ms >= 0 || this.#sinceMs === undefined) return -Infinity
    return this.#sinceMs + (-this.#ms * 1000) / this.#msPerSecond
  }
}
