// Movement between two frames of the server, so that 20 positions a second look like 60.

export class Glide {
  x: number
  y: number
  #from = { x: 0, y: 0, atMs: 0 }
  #to: { x: number; y: number; atMs: number } | undefined
  #moved = false

  constructor(x: number, y: number) {
    this.x = x
    this.y = y
  }

  /** Is at x, y from now on. */
  place(x: number, y: number): void {
    this.#to = undefined
    this.x = x
    this.y = y
  }

  /** Arrives at x, y after `durationMs`. The first move of a thing places it, for before that it was nowhere in particular. */
  move(x: number, y: number, nowMs: number, durationMs: number): void {
    if (!this.#moved) {
      this.#moved = true
      this.place(x, y)
      return
    }
    const goal = this.#to ?? this
    if (goal.x === x && goal.y === y) return // a glide that is asked for again does not start again
    this.#from = { x: this.x, y: this.y, atMs: nowMs }
    this.#to = { x, y, atMs: nowMs + durationMs }
  }

  /** Brings x and y to the time `nowMs`; false when nothing moves. */
  advance(nowMs: number): boolean {
    const to = this.#to
    if (!to) return false
    const from = this.#from
    const part = Math.min(1, Math.max(0, (nowMs - from.atMs) / (to.atMs - from.atMs)))
    this.x = from.x + (to.x - from.x) * part
    this.y = from.y + (to.y - from.y) * part
    if (part === 1) this.#to = undefined
    return true
  }
}
