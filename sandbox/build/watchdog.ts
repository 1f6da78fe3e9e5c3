// Kills this process, that of one build, when it has used more time or memory than a build may have, or when nobody is left who would end
// it in time. On a thread of its own: a hostile source can hold up the main thread for ever.
import { Worker } from 'node:worker_threads'
import { BUILD_MEMORY_MIB } from '@sandlot/shared/limits.ts'
import { BUILD_SIGNALS } from '../host/flags.ts'

const CHECK_MS = 20 // memory can grow by some 2 GiB a second
const ORPHAN_CHECKS = 25 // every half second

const GUARD = `
const { parentPort, workerData: { checkMs, orphanChecks, signals } } = require('node:worker_threads')
let { maxBytes } = require('node:worker_threads').workerData
const parent = process.ppid
let begun // the process's CPU time then; what a spare child took to get ready is no build's
let maxMs
let checks = 0
parentPort.on('message', ({ roomBytes, cpuMs }) => {
  maxBytes += roomBytes
  maxMs = cpuMs
  begun = process.cpuUsage()
})
setInterval(() => {
  if (process.memoryUsage.rss() > maxBytes) end(signals.memory)
  if (begun) {
    const { user, system } = process.cpuUsage(begun)
    if ((user + system) / 1000 > maxMs) end(signals.time)
  }
  if (++checks % orphanChecks === 0 && process.ppid !== parent) process.kill(process.pid, 'SIGKILL')
}, checkMs)
function end(signal) {
  process.kill(process.pid, signal)
  process.kill(process.pid, 'SIGKILL')
}
`

/** Watches until the process ends; does not keep it alive. */
export function startWatchdog(): {
  /** The build begins: from now on it may take `cpuMs` milliseconds of processor time, and a room of it `roomMemoryMiB`. */
  begin(roomMemoryMiB: number, cpuMs: number): void
} {
  const workerData = {
    checkMs: CHECK_MS,
    orphanChecks: ORPHAN_CHECKS,
    maxBytes: BUILD_MEMORY_MIB * 2 ** 20,
    signals: BUILD_SIGNALS,
  }
  const worker = new Worker(GUARD, {
    eval: true,
    workerData,
    resourceLimits: { maxOldGenerationSizeMb: 8, maxYoungGenerationSizeMb: 2 },
  })
  worker.unref()
  return { begin: (roomMemoryMiB, cpuMs) => worker.postMessage({ roomBytes: roomMemoryMiB * 2 ** 20, cpuMs }) }
}
