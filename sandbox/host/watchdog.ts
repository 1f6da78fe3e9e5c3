// Kills this process when its frame loop falls silent. isolated-vm's timeout has holes that block the main thread for ever,
// so the watch is kept on a thread of its own, and the kill is one that no thread can hold up.
import { Worker } from 'node:worker_threads'
import { STALL_MS } from '@sandlot/shared/limits.ts'

const GUARD = `
const { workerData } = require('node:worker_threads')
const { writeSync } = require('node:fs')
const beats = new Int32Array(workerData.beats)
let seen = 0
let sinceMs = performance.now()
setInterval(() => {
  const beat = Atomics.load(beats, 0)
  if (beat !== seen) {
    seen = beat
    sinceMs = performance.now()
  } else if (performance.now() - sinceMs > workerData.stallMs) {
    try { writeSync(2, workerData.message) } catch {}
    process.kill(process.pid, 'SIGKILL')
  }
}, workerData.stallMs / 8)
`

/** Starts the watch; the returned function is to be called at least every STALL_MS milliseconds. */
export function startWatchdog(): () => void {
  const beats = new SharedArrayBuffer(4)
  const message = `sandlot-host: a room did not come back for ${STALL_MS} ms and cannot be interrupted; this process ends\n`
  const worker = new Worker(GUARD, {
    eval: true,
    workerData: { beats, stallMs: STALL_MS, message },
    resourceLimits: { maxOldGenerationSizeMb: 8, maxYoungGenerationSizeMb: 2 },
  })
  worker.unref()
  const view = new Int32Array(beats)
  return () => {
    Atomics.add(view, 0, 1)
  }
}
