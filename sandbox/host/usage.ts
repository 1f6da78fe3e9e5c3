// Measures what a game uses against its budgets, for its creator to see.
import { type Budgets, METERS, type Meter, type Usage } from '@sandlot/shared/budgets.ts'

const WINDOW_MS = 5_000 // a peak stays visible for one to two of these

export class Usages {
  readonly budgets: Readonly<Budgets>
  #over: Record<Meter, number>
  #peaks: Record<Meter, number>
  #before: Record<Meter, number>
  #sinceMs = -Infinity

  constructor(budgets: Readonly<Budgets>) {
    this.budgets = budgets
    this.#over = zeros()
    this.#peaks = zeros()
    this.#before = zeros()
  }

  /** One measurement, of whichever room or player; the highest is shown. */
  note(meter: Meter, used: number): void {
    if (used > this.#peaks[meter]) this.#peaks[meter] = used
  }

  /** The limit stopped something, `times` times. */
  over(meter: Meter, times = 1): void {
    this.#over[meter] += times
  }

  /** How things are. To be called about once a second, in the clock of `nowMs`. */
  report(nowMs: number): Usage {
    const used = (meter: Meter) => Math.round(Math.max(this.#peaks[meter], this.#before[meter]) * 10) / 10
    const entries = METERS.map((meter) => [
      meter,
      { used: used(meter), limit: this.budgets[meter], over: this.#over[meter] },
    ])
    if (nowMs >= this.#sinceMs + WINDOW_MS) {
      this.#sinceMs = nowMs
      this.#before = this.#peaks
      this.#peaks = zeros()
    }
    return Object.fromEntries(entries) as Usage
  }
}

const zeros = () => Object.fromEntries(METERS.map((meter) => [meter, 0])) as Record<Meter, number>
