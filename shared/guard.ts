// What guarded client code asks, every so many turns of a loop or calls of a function: may it go on? And what it says before it waits.

/** The global that guarded code calls; no name of a creator's code may be this one. */
export const GUARD = '__sandlot'
export const FIRST_TURNS = 1_000 // turns before the first question: most loops are shorter and never ask
const TURNS = 10_000 // turns between two questions, which cost 50 ns each
const SLOW_TURNS = 20
const SLOW_MS = 10 // turns that took this long are heavy ones: the limit would be missed by far

export interface GuardOptions {
  /** Time since the first question of a task until every further one throws. */
  limitMs: number
  /** A clock, in milliseconds. */
  now: () => number
  /** Calls back in a later task of the event loop, after all promises of this one. */
  later: (callback: () => void) => void
  /** Hears of each `await` at the top level of a module before it waits: its place, and an error with the stack of that place. */
  waits?: (place: string, at: Error) => void
}

/** The function behind GUARD. */
export interface Guard {
  (place: string, isFunction?: boolean): number
  /** To be called before the top level of a module waits. */
  readonly wait: (place: string) => void
}

/**
 * The function behind GUARD. It takes the place ("client.js:12") and whether it stands in a function instead of a loop, returns the number
 * of turns until the next question, and throws when the task has run for too long: each time again, so that no `try` of the game outlasts it.
 */
export function makeGuard({ limitMs, now, later, waits }: GuardOptions): Guard {
  const Failure = Error // captured before any code of the creator runs
  let startedMs = -1
  let askedMs = 0
  const ended = () => {
    startedMs = -1
  }
  const ask = (place: string, isFunction?: boolean) => {
    const nowMs = now()
    if (startedMs < 0) {
      startedMs = nowMs
      askedMs = nowMs
      later(ended)
    }
    if (nowMs - startedMs > limitMs)
      throw new Failure(`${isFunction ? 'Function' : 'Loop'} ran longer than ${limitMs} ms (${place})`)
    const slow = nowMs - askedMs > SLOW_MS
    askedMs = nowMs
    return slow ? SLOW_TURNS : TURNS
  }
  return Object.freeze(Object.assign(ask, { wait: (place: string) => waits?.(place, new Failure()) }))
}
