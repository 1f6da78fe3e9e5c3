// Kills this process, a build child, when it has more memory than a build may have, or when nobody is left who would end it in time.
// On a thread of its own: a hostile source can hold up the main thread for ever.
import { Worker } from 'node:worker_threads'
import { BUILD_MEMORY_MIB } from '@sandlot/shared/limits.ts'

const CHECK_MS = 20 // memory can grow by some 2 GiB a second
const ORPHAN_CHECKS = 25 // every half second

/** What a child that was killed for its memory has said last. */
export const OUT_OF_MEMORY = 'the build used too much memory'

const GUARD = `
const { workerData: { checkMs, orphanChecks, maxBytes, message } } = require('node:worker_threads')
const parent = process.ppid
let checks = 0
setInterval(() => {
  if (process.memoryUsage.rss() > maxBytes) {
    try { require('node:fs').writeSync(2, message) } catch {}
    process.kill(process.pid, 'SIGKILL')
  }
  if (++checks % orphanChecks === 0 && process.ppid !== parent) process.kill(process.pid, 'SIGKILL')
}, checkMs)
`

/** Watches until the process ends; does not keep it alive. */
export function startWatchdog(): void {
  const workerData = {
    checkMs: CHECK_MS,
    orphanChecks: ORPHAN_CHECKS,
    maxBytes: BUILD_MEMORY_MIB * 2 ** 20,
    message: `${OUT_OF_MEMORY}\n`,
  }
  new Worker(GUARD, {
    eval: true,
    workerData,
    resourceLimits: { maxOldGenerationSizeMb: 8, maxYoungGenerationSizeMb: 2 },
  }).unref()
}
