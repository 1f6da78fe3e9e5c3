// How busy the machine is, as this process feels it. Limits of isolated-vm are on a clock, and a game must not lose its frame because the
// main thread waited for a processor: a limit stretches by this factor.
import { readFileSync } from 'node:fs'

const MEASURE_MS = 500
const MAX_STRAIN = 3 // a machine with three times too much to do
const LEAST_MS = 50 // added to what it ran: a process that does next to nothing waits a little for each little, and is not held up by that
const FORGET = 0.5 // of the strain of before, with each measurement: load comes in bursts

/** Of a process's main thread since its start, in ms: on a processor, and waiting for one. Undefined where the system does not tell. */
export function schedule(pid: number | 'self' = 'self'): { ranMs: number; waitedMs: number } | undefined {
  try {
    const [ran, waited] = readFileSync(`/proc/${pid}/schedstat`, 'utf8').split(' ')
    return { ranMs: Number(ran) / 1e6, waitedMs: Number(waited) / 1e6 }
  } catch {
    return undefined // no Linux, or the process is gone
  }
}

export class Strain {
  #look: typeof schedule
  #before: ReturnType<typeof schedule> = { ranMs: 0, waitedMs: 0 } // at the start of the process
  #measuredMs = -Infinity
  #factor = 1

  /** `look` tells of this process. */
  constructor(look: typeof schedule = schedule) {
    this.#look = look
  }

  /** 1 when every moment of work took a moment; n when it took n moments, of late. `nowMs`: of performance.now(). */
  factor(nowMs: number): number {
    if (nowMs < this.#measuredMs + MEASURE_MS) return this.#factor
    this.#measuredMs = nowMs
    const before = this.#before
    const now = this.#look()
    this.#before = now
    if (!before || !now) return this.#factor
    const ranMs = LEAST_MS + now.ranMs - before.ranMs
    const strain = Math.min(MAX_STRAIN, 1 + (now.waitedMs - before.waitedMs) / ranMs)
    this.#factor = Math.max(strain, 1 + (this.#factor - 1) * FORGET)
    return this.#factor
  }
}
