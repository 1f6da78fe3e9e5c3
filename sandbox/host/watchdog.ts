// Kills this process when its frame loop falls silent or it has more memory than its game may have. isolated-vm's timeout has holes that block the main thread for ever,
// so the watch is kept on a thread of its own, and the kill is one that no thread can hold up.
import { openSync } from 'node:fs'
import { Worker } from 'node:worker_threads'
import { STALL_MS } from '@sandlot/shared/limits.ts'
import { LAST_SIGNALS, LAST_WORDS } from './flags.ts'

const GUARD = `
const { workerData } = require('node:worker_threads')
const { readSync, writeSync } = require('node:fs')
const beats = new Int32Array(workerData.beats)
const { schedstat, checkMs, maxSilent, maxChecks, maxBytes, messages, signals } = workerData
let seen = 0
let silent = 0 // checks in a row; on a machine so busy that this thread does not run either, they are fewer
let checks = 0 // the same, with those in which the main thread mostly waited for a processor
const text = Buffer.alloc(128)
let waited = waitedMs()
function waitedMs() {
  if (schedstat === undefined) return 0
  return Number(text.latin1Slice(0, readSync(schedstat, text, 0, text.length, 0)).split(' ')[1]) / 1e6
}
setInterval(() => {
  const beat = Atomics.load(beats, 0)
  const now = waitedMs()
  const starved = now - waited > checkMs / 2
  waited = now
  if (beat !== seen) silent = checks = 0
  else if (++checks && !starved) silent++
  seen = beat
  if (silent > maxSilent || checks > maxChecks) end('silent')
  else if (process.memoryUsage.rss() > maxBytes) end('memory')
}, checkMs)
function end(why) {
  try { writeSync(2, messages[why]) } catch {}
  process.kill(process.pid, signals[why])
  process.kill(process.pid, 'SIGKILL')
}
`

const CHECK_MS = 100
const MAX_STARVED = 2 // times STALL_MS, however busy the machine is; after 5 s isolated-vm itself ends the process, and says less

/** Of the main thread: how long it ran, and waited for a processor. Undefined on systems without. */
function openSchedstat(): number | undefined {
  try {
    return openSync('/proc/self/schedstat', 'r')
  } catch {
    return undefined
  }
}

/** Starts the watch; the returned function is to be called at least every STALL_MS milliseconds. `memoryMiB`: of the whole process. */
export function startWatchdog(memoryMiB: number): () => void {
  const beats = new SharedArrayBuffer(4)
  const messages = {
    silent: `${LAST_WORDS}a room did not come back for ${STALL_MS} ms and could not be interrupted\n`,
    memory: `${LAST_WORDS}it used more than ${memoryMiB} MiB of memory\n`,
  }
  const worker = new Worker(GUARD, {
    eval: true,
    workerData: {
      beats,
      schedstat: openSchedstat(),
      checkMs: CHECK_MS,
      maxSilent: STALL_MS / CHECK_MS,
      maxChecks: (MAX_STARVED * STALL_MS) / CHECK_MS,
      maxBytes: memoryMiB * 2 ** 20,
      messages,
      signals: LAST_SIGNALS,
    },
    resourceLimits: { maxOldGenerationSizeMb: 8, maxYoungGenerationSizeMb: 2 },
  })
  worker.unref()
  const view = new Int32Array(beats)
  return () => {
    Atomics.add(view, 0, 1)
  }
}
