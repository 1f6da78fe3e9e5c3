// Tells when a folder has changed and is quiet again.
import watcher from '@parcel/watcher'
import { SETTLE_MS } from '@sandlot/shared/limits.ts'

const MAX_SETTLE_MS = 1_000 // a file that is written without pause is built all the same

/** Calls `onQuiet` SETTLE_MS after the last change below `folder`. Throws when the folder cannot be watched. */
export async function watchFolder(folder: string, onQuiet: () => void): Promise<{ close(): Promise<void> }> {
  let timer: NodeJS.Timeout | undefined
  let firstMs = 0
  const fire = () => {
    timer = undefined
    onQuiet()
  }
  const subscription = await watcher.subscribe(
    folder,
    () => {
      // after an error too: events were lost, so something changed
      if (timer === undefined) firstMs = performance.now()
      clearTimeout(timer)
      timer = setTimeout(fire, Math.max(0, Math.min(SETTLE_MS, firstMs + MAX_SETTLE_MS - performance.now())))
    },
    { ignore: ['**/node_modules/**', '**/.git/**'] },
  )
  return {
    async close() {
      clearTimeout(timer)
      await subscription.unsubscribe()
    },
  }
}
