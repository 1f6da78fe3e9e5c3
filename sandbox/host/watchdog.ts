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
const { schedstat, statm, checkMs, maxSilent, maxChecks, maxBytes, messages, signals } = workerData
let seen = 0
let silent = 0 // checks in a row; on a machine so busy that this thread does not run either, they are fewer
let checks = 0 // the same, with those in which the main thread mostly waited for a processor
const text = Buffer.alloc(128)
const second = (file) => Number(text.latin1Slice(0, readSync(file, text, 0, text.length, 0)).split(' ')[1])
const waitedMs = () => (schedstat === undefined ? 0 : second(schedstat) / 1e6)
const usedBytes = () => (statm === undefined ? process.memoryUsage.rss() : second(statm) * 4096)
let waited = waitedMs()
function check() {
  const beat = Atomics.load(beats, 0)
  const now = waitedMs()
  const starved = now - waited > checkMs / 2
  waited = now
  if (beat !== seen) silent = checks = 0
  else if (++checks && !starved) silent++
  seen = beat
  if (silent > maxSilent || checks > maxChecks) end('silent')
  else if (usedBytes() > maxBytes) end('memory')
}
function end(why) {
  try { writeSync(2, messages[why]) } catch {}
  process.kill(process.pid, signals[why])
  process.kill(process.pid, 'SIGKILL')
}
const never = new Int32Array(new SharedArrayBuffer(4))
for (;;) { // a timer of Node costs more than what it would call
  Atomics.wait(never, 0, 0, checkMs)
  check()
}
`

const CHECK_MS = 100
const MAX_STARVED = 2 // times STALL_MS, however busy the machine is; after 5 s isolated-vm itself ends the process, and says less

/** What the system tells of this process; undefined on systems that do not. Kept open: ten looks a second are all that a quiet host does. */
function openOwn(name: string): number | undefined {
  try {
    return openSync(`/proc/self/${name}`, 'r')
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
      schedstat: openOwn('schedstat'), // of the main thread: how long it ran, and waited for a processor
      statm: openOwn('statm'),
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
