// The question that guarded code asks; made before any code of the creator runs, so nothing of it can be replaced.
import { makeGuard } from '@sandlot/shared/guard.ts'
import { LOOP_LIMIT_MS } from '@sandlot/shared/limits.ts'

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
  now: performance.now.bind(performance),
  later: later(),
})
