// Writing to a disk that may be full: what cannot be written waits in memory and is tried again, and the operator reads of it once.
import type { Logger } from 'pino'

const RETRY_MS = 1_000

/** Whether the error says that there is no room left, for this machine or for its user. */
export function isDiskFull(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException | null)?.code
  return code === 'ENOSPC' || code === 'EDQUOT'
}

// A writer brings a file or a folder up to date with what its owner has in memory. It throws when it cannot, and what it has done by then
// does no harm when it is called again.
export type Writer = () => void

export class Disk {
  #log: Logger
  #late = new Set<Writer>()
  #timer: NodeJS.Timeout | undefined

  constructor(log: Logger) {
    this.#log = log
  }

  /** Calls `writer` now, and when that fails again and again until it succeeds. Never throws. */
  write(writer: Writer): void {
    if (this.#late.has(writer)) return // its turn comes
    try {
      writer()
    } catch (error) {
      if (this.#late.size === 0)
        this.#log.error(
          { error },
          `the data folder cannot be written${isDiskFull(error) ? ': its disk is full. Make room there' : ''}. Games go on, and what they report is kept in memory until it can be written; it is lost if this process ends before`,
        )
      this.#late.add(writer)
      this.#timer ??= setTimeout(() => this.retry(), RETRY_MS).unref()
    }
  }

  /** Tries what waits one last time. */
  [Symbol.dispose](): void {
    this.retry()
    clearTimeout(this.#timer)
    this.#timer = undefined
  }

  /** Tries what waits at once: there may be room now. */
  retry(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    if (this.#late.size === 0) return
    for (const writer of this.#late) {
      try {
        writer()
        this.#late.delete(writer)
      } catch {
        // said when it began
      }
    }
    if (this.#late.size === 0) this.#log.info('the data folder can be written again, and nothing is missing in it')
    else this.#timer = setTimeout(() => this.retry(), RETRY_MS).unref()
  }
}
