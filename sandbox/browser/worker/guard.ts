// The question that guarded code asks; made before any code of the creator runs, so nothing of it can be replaced.
import { makeGuard } from '@sandlot/shared/guard.ts'
import { AWAIT_LIMIT_MS, LOOP_LIMIT_MS } from '@sandlot/shared/limits.ts'

const now = performance.now.bind(performance)
let waiting: { at: Error; place: string; sinceMs: number } | undefined

/** Calls back in a task of its own. Not a timer, which the creator's code could clear. */
function later(): (callback: () => void) => void {
  const { port1, port2 } = new MessageChannel()
  const post = port2.postMessage.bind(port2)
  let waiting: (() => void) | undefined
  port1.onmessage = () => waiting?.()
  return (callback) => {
    waiting = callback
    post(null)
  }
}

export const guard = makeGuard({
  limitMs: LOOP_LIMIT_MS,
  now,
  later: later(),
  waits: (place, at) => {
    waiting = { at, place, sinceMs: now() }
  },
})

/** What is wrong when the top level of a module has waited for too long by now: the error leads to the last `await` that began. */
export function overdue(): { message: string; stack: string } | undefined {
  if (!waiting || now() - waiting.sinceMs < AWAIT_LIMIT_MS) return undefined
  const message = `Error: Waited longer than ${AWAIT_LIMIT_MS} ms (${waiting.place}). A game starts when the top level of its code has run: wait in a callback instead`
  return { message, stack: waiting.at.stack ?? '' }
}
