// What froze was stopped; it is started anew after a moment, but not for ever: what always freezes would flicker until the player leaves.

const FORGET_MS = 60_000 // what has run this long since deserves all its restarts again

export class Restarts {
  readonly #pausesMs: readonly number[]
  #count = 0
  #frozenAtMs = Number.NEGATIVE_INFINITY
  #timer: ReturnType<typeof setTimeout> | undefined

  /** `pausesMs`: how long to wait before each restart; as many as there are of them. */
  constructor(pausesMs: readonly number[]) {
    this.#pausesMs = pausesMs
  }

  /** It froze at the time `nowMs`. Calls `start` in a moment and tells which restart that is of how many; undefined: there is none left. */
  frozen(nowMs: number, start: () => void): string | undefined {
    if (nowMs - this.#frozenAtMs > FORGET_MS) this.#count = 0
    this.#frozenAtMs = nowMs
    const pauseMs = this.#pausesMs[this.#count]
    if (pauseMs === undefined) return undefined
    this.#count++
    this.#timer = setTimeout(start, pauseMs)
    return `${this.#count} of ${this.#pausesMs.length}`
  }

  /** Somebody started it, or it is another: no restart is due. With `fresh`, all are left again. */
  cancel({ fresh }: { fresh: boolean }): void {
    clearTimeout(this.#timer)
    if (fresh) this.#count = 0
  }
}
