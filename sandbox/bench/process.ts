// Processes of a run: each pinned to its own core, and what the kernel says they used.
import { type ChildProcess, type SpawnOptions, spawn, spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'

export const SERVER_CORE = 0
export const LOAD_CORE = 1
const TICKS_PER_SECOND = 100 // of /proc/PID/stat, the same on every Linux that Node runs on
const canPin = spawnSync('taskset', ['-c', '0', 'true']).status === 0

/** Starts Node on one core (util-linux' taskset; without it, unpinned and said so by `pinned`). */
export function spawnNode(core: number, args: string[], options: SpawnOptions): ChildProcess {
  if (!canPin) return spawn(process.execPath, args, options)
  return spawn('taskset', ['-c', String(core), process.execPath, ...args], options) // taskset becomes Node: one pid
}
export const pinned = canPin

/** CPU seconds of all threads since the process began. */
export function cpuSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ') // the name before it may hold spaces
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND
}

export const rssKiB = (pid: number): number =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1])

/** Open files and sockets. */
export const handles = (pid: number): number => readdirSync(`/proc/${pid}/fd`).length

export const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))
