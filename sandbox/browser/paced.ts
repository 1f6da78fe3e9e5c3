// Does something at once when it is wanted, but not more often than it may: what is wanted in between is done once, later.

export class Paced {
  readonly #gapMs: number
  readonly #act: () => number
  #freeAtMs = 0
  #timer: ReturnType<typeof setTimeout> | undefined

  /** `act` says how many milliseconds must pass before the next time; at least a `perSecond`-th of a second do. */
  constructor(perSecond: number, act: () => number) {
    this.#gapMs = 1000 / perSecond
    this.#act = act
  }

  want(): void {
    if (this.#timer !== undefined) return
    const waitMs = this.#freeAtMs - performance.now()
    if (waitMs <= 0) this.#do()
    else this.#timer = setTimeout(() => this.#do(), waitMs)
  }

  #do(): void {
    this.#timer = undefined
    const startMs = performance.now()
    this.#freeAtMs = startMs + Math.max(this.#gapMs, this.#act())
  }

  /** Nothing more happens. */
  stop(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#freeAtMs = Infinity
  }
}
