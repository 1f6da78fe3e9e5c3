// How long something has owed a sign of life while somebody looked: time in the background, paused or asleep does not count.

export class Silence {
  readonly #maxMs: number
  readonly #maxStepMs: number
  #silentMs = 0
  #lookedAtMs = Number.POSITIVE_INFINITY

  /** Silent for `maxMs` is too long. What lies between two looks counts as `maxStepMs` at most: who looks was away or busy itself. */
  constructor({ maxMs, maxStepMs }: { maxMs: number; maxStepMs: number }) {
    this.#maxMs = maxMs
    this.#maxStepMs = maxStepMs
  }

  /** A sign of life at the time `nowMs`, or none is owed. */
  heard(nowMs: number): void {
    this.#silentMs = 0
    this.#lookedAtMs = nowMs
  }

  /** Somebody looks at the time `nowMs` while a sign is owed; true when that has lasted too long. */
  looked(nowMs: number): boolean {
    this.#silentMs += Math.min(this.#maxStepMs, Math.max(0, nowMs - this.#lookedAtMs))
    this.#lookedAtMs = nowMs
    return this.#silentMs >= this.#maxMs
  }
}
