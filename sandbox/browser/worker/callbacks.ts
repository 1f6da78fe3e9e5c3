// Callbacks of one kind. One that throws is reported and called again the next time.
import { add, call, type List, list, TypeProblem, toText } from './safe.ts'

export class Callbacks<Args extends unknown[]> {
  readonly #all: List<(...args: Args) => void> = list()
  readonly #report: (error: unknown) => void

  /** `report` hears of every error that a callback throws. */
  constructor(report: (error: unknown) => void) {
    this.#report = report
  }

  readonly add = (callback: (...args: Args) => void): void => {
    if (typeof callback !== 'function')
      throw new TypeProblem(`a callback must be a function, not ${toText(callback)}: pass the function, do not call it`)
    add(this.#all, callback)
  }

  get size(): number {
    return this.#all.length
  }

  /** Calls those from number `from` on. */
  call(args: Args, from = 0): void {
    for (let i = from; i < this.#all.length; i++) {
      try {
        call(this.#all[i]!, args)
      } catch (error) {
        this.#report(error)
      }
    }
  }
}
