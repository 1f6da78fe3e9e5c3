// The process that makes one build, as its builder sees it: a socket to it, and how it ended. Here it is a child; on a machine with a
// service manager it is a unit (supervisor/build-unit.ts), with a user, a view of the files and limits of its own.
import { type ChildProcess, spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { setPriority } from 'node:os'
import type { Duplex, Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { BUILD_SIGNALS, NODE_FLAGS } from '../host/flags.ts'

export interface BuildProcess {
  /** Resolves when it is there; undefined: it ended first, or was killed. */
  link: Promise<Duplex | undefined>
  /** Never rejects. */
  ended: Promise<BuildEnd>
  /** It, all that it has started, and the socket, of which nothing more is read. To be called of one that is gone, too. */
  kill(): void
}
export type BuildEnd = { why: Why /** For the operator. */; said: string }
export type Why =
  | 'memory'
  | 'time'
  /** A room could neither go on nor be interrupted. */
  | 'stuck'
  /** The machine's fault. */
  | 'not-started'
  | 'unknown'

/** How the process of a build comes to life: one for one build, and never for another. */
export interface BuildLauncher {
  start(): BuildProcess
}

const HEAP_MIB = 256 // parsing 1 MiB of the worst source stays below this
/** What Node is started with to make a build. */
export const BUILD_FLAGS = [...NODE_FLAGS, `--max-old-space-size=${HEAP_MIB}`]

/** By the signal that ended it. */
export function whyOf(signal: NodeJS.Signals | null): Why {
  switch (signal) {
    case BUILD_SIGNALS.memory:
    case 'SIGABRT': // V8 has no more
      return 'memory'
    case BUILD_SIGNALS.time:
      return 'time'
    case BUILD_SIGNALS.stuck:
      return 'stuck'
    default:
      return 'unknown'
  }
}

const CHILD = fileURLToPath(new URL('../dist/build.js', import.meta.url)) // main.ts, bundled by `npm run build`
const NICENESS = 5 // a third of the weight: a build that takes all the processor time it gets must not slow the rooms of other games
const PIPES_MS = 500 // between a child's end and the end of its output; longer: something that it started holds the pipes
const MAX_SAID_CHARS = 2_000

export const childBuilds: BuildLauncher = {
  start() {
    const child: ChildProcess = spawn(process.execPath, [...BUILD_FLAGS, CHILD], {
      stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
      detached: true, // a process group of its own
      cwd: '/',
      env: { PATH: process.env.PATH ?? '', TZ: 'UTC' },
    })
    const [stderr, link] = [child.stderr as Readable, child.stdio[3] as Duplex]
    let isGone = false // and its number may be somebody else's
    const killAll = () => {
      if (!isGone) killGroup(child.pid)
    }
    const kill = () => {
      killAll()
      link.destroy()
    }
    link.on('error', () => {}) // its end says more
    let said = ''
    stderr.setEncoding('utf8').on('data', (chunk: string) => {
      said = (said + chunk).slice(-MAX_SAID_CHARS)
    })
    lowerPriority(child.pid)
    const ended = new Promise<BuildEnd>((resolve) => {
      child.once('error', (error) => resolve({ why: 'not-started', said: error.message }))
      child.once('exit', (_code, signal) => {
        killAll() // whatever it has started must not outlive it
        isGone = true
        const tell = () => resolve({ why: whyOf(signal), said })
        child.once('close', tell) // by then all that it wrote has been read
        setTimeout(() => {
          stderr.destroy()
          tell()
        }, PIPES_MS).unref()
      })
    })
    return { link: Promise.resolve(link), ended, kill }
  },
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return // it was never started
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    // the group is gone
  }
}

function lowerPriority(pid: number | undefined): void {
  if (pid === undefined) return
  try {
    setPriority(pid, NICENESS)
    writeFileSync(`/proc/${pid}/autogroup`, String(NICENESS)) // where the kernel shares the processors out by session, the line above says nothing to other sessions
  } catch {
    // it is gone already, or the system has no such file
  }
}
