// The room's state as the runtime knows it, and what the worker must still hear of it.
import type { Json, Patch } from '@sandlot/shared/protocol/messages.ts'
import type { Happening } from './frame.ts'

const MAX_DELTAS = 30 // past this the whole state costs less than its history, as for a tab that was in the background

export class StateFeed {
  #value: Json = null
  #deltas: Patch[] = []
  #whole = false
  /** A state that the page shows instead of the room's. */
  #shown: { value: Json } | undefined

  /** What the game is to see. */
  get value(): Json {
    return this.#shown ? this.#shown.value : this.#value
  }

  /** Whether the page shows a state that is not the room's. */
  get shows(): boolean {
    return this.#shown !== undefined
  }

  /** The game's own code made this state: it knows it already. */
  keep(value: Json): void {
    this.#value = value
    if (!this.#shown) this.settle()
  }

  /** The game sees this state from now on; the room's own is kept up to date behind it. */
  show(value: Json): void {
    this.#shown = { value }
    this.resend()
  }

  /** The game sees the room's state again. */
  release(): void {
    if (!this.#shown) return
    this.#shown = undefined
    this.resend()
  }

  full(value: Json): void {
    this.#value = value
    if (!this.#shown) this.resend()
  }

  /** The room's state is `value` now, and became so by `patch`, which shares nothing with it. Without one the worker hears all of it. */
  delta(value: Json, patch: Patch | undefined): void {
    this.#value = value
    if (this.#whole || this.#shown) return
    if (patch) this.#deltas.push(patch)
    if (!patch || this.#deltas.length > MAX_DELTAS) this.resend()
  }

  /** The next `take` gives the whole state. */
  resend(): void {
    this.#whole = true
    this.#deltas = []
  }

  /** What brings a worker that heard everything before up to date. */
  take(): Happening[] {
    const news: Happening[] = this.#whole
      ? [{ t: 'full', s: this.value }]
      : this.#deltas.map((d) => ({ t: 'delta', d }))
    this.settle()
    return news
  }

  /** The worker has the whole state already. */
  settle(): void {
    this.#whole = false
    this.#deltas = []
  }
}
