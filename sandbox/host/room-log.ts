// What a room's game logs, as far as its budget goes.
import { Bucket } from '@sandlot/shared/bucket.ts'
import { LOG_BURST } from '@sandlot/shared/limits.ts'
import type { Usages } from './usage.ts'

const SAVED_S = 5 // of characters, that a quiet room may log at once

export class RoomLog {
  #usages: Usages
  #tell: (line: string) => void
  #lines: Bucket
  #chars: Bucket
  #dropped = 0
  #count = 0 // since rates were noted last, dropped or not
  #length = 0

  constructor(usages: Usages, tell: (line: string) => void) {
    this.#usages = usages
    this.#tell = tell
    const { logLinesPerSecond, logBytesPerSecond } = usages.budgets
    this.#lines = new Bucket(logLinesPerSecond, LOG_BURST)
    this.#chars = new Bucket(logBytesPerSecond, logBytesPerSecond * SAVED_S)
  }

  /** Passes on what the budget allows, and says how much it did not. */
  add(lines: readonly string[], nowMs: number): void {
    const { logLinesPerSecond, logBytesPerSecond } = this.#usages.budgets
    for (const line of lines) {
      this.#count++
      this.#length += line.length
      const tooLong = !this.#chars.take(nowMs, line.length)
      if (tooLong || !this.#lines.take(nowMs)) {
        this.#dropped++
        this.#usages.over(tooLong ? 'logBytesPerSecond' : 'logLinesPerSecond')
        continue
      }
      if (this.#dropped > 0)
        this.#tell(
          `(${this.#dropped} lines dropped: a room may log ${logLinesPerSecond} lines and ${logBytesPerSecond} characters a second)`,
        )
      this.#dropped = 0
      this.#tell(line)
    }
  }

  /** Measures what was logged in the `seconds` since the last call. */
  noteRates(seconds: number): void {
    if (this.#count === 0) return
    this.#usages.note('logLinesPerSecond', this.#count / seconds)
    this.#usages.note('logBytesPerSecond', this.#length / seconds)
    this.#count = 0
    this.#length = 0
  }
}
