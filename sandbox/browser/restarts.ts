// A game that froze was stopped; it is started anew after a moment, but not for ever: code that always freezes would flicker until the player leaves.

const RESTART_MS = 1_000 // time to read what happened
const MAX_RESTARTS = 3
const FORGET_MS = 60_000 // a game that has played this long since deserves all its restarts again

export class Restarts {
  #count = 0
  #frozenAtMs = Number.NEGATIVE_INFINITY
  #timer: ReturnType<typeof setTimeout> | undefined

  /** The game froze at the time `nowMs`. Calls `start` in a moment and tells which restart that is of how many; undefined: there is none left. */
  frozen(nowMs: number, start: () => void): string | undefined {
    if (nowMs - this.#frozenAtMs > FORGET_MS) this.#count = 0
    this.#frozenAtMs = nowMs
    if (this.#count >= MAX_RESTARTS) return undefined
    this.#count++
    this.#timer = setTimeout(start, RESTART_MS)
    return `${this.#count} of ${MAX_RESTARTS}`
  }

  /** Somebody started the game, or it is another: no restart is due. With `fresh`, all are left again. */
  cancel({ fresh }: { fresh: boolean }): void {
    clearTimeout(this.#timer)
    if (fresh) this.#count = 0
  }
}
