// Starts the supervisor's child processes: each in its own process group, with no environment of ours but PATH, output to the log.
import { type ChildProcess, execFile, type SpawnOptions, spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import type { Duplex, Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { assertNever } from '@sandlot/shared/reasons.ts'
import type { Logger } from 'pino'
import type { BuildLauncher } from '../build/process.ts'
import { LAST_WORDS, NODE_FLAGS } from '../host/flags.ts'
import { schedule } from '../host/strain.ts'

export type ExitReason =
  | { type: 'exit'; code: number }
  | { type: 'signal'; signal: NodeJS.Signals }
  /** It ended itself and said why. */
  | { type: 'ended-itself'; why: string }
  | { type: 'not-started'; message: string }

export interface Running {
  pid: number | undefined
  /** Never rejects. */
  exited: Promise<ExitReason>
  /** To the whole process group. No error when it is gone already. */
  kill(signal: NodeJS.Signals): void
  /** Memory it has now, in MiB; null when this system does not tell. */
  memoryMiB(): number | null
  /** How long its main thread has waited for a processor since its start, in milliseconds; 0 when this system does not tell. */
  waitedMs(): number
}

export interface HostSpec {
  game: string
  /** Unix socket on which the host takes players. */
  listen: string
  /** Unix socket on which the supervisor waits for the host. */
  supervisor: string
  /** Path of the public key that checks tickets. */
  ticketKey: string
  /** The only site that may show the game in its pages. */
  site: string
}

/** How a game host comes to life. A child process here; another launcher may ask the service manager for a unit. */
export interface Launcher {
  start(spec: HostSpec): Running
  /** Where this launcher's hosts have their sockets: those are of users of their own. Without it: in the supervisor's folder. */
  sockets?(game: string): { play: string; link: string }
  /** How builds come to life, which run the same code. Without it: as child processes. */
  builds?: BuildLauncher
}

const HOST = fileURLToPath(new URL('../dist/host.js', import.meta.url)) // host/main.ts, bundled by `npm run build`
const MAX_LOGGED_CHARS = 16_000 // a second; a host in trouble must not fill the disk
const COMMAND_TIMEOUT_MS = 10_000
const CLOSE_MS = 500 // for the last output of a process that has ended
const MAX_WORDS_CHARS = 200
const PAGE_BYTES = 4096

export const childLauncher = (log: Logger): Launcher => ({
  start({ game, listen, supervisor, ticketKey, site }) {
    const args = ['--listen', `unix:${listen}`, '--supervisor', `unix:${supervisor}`, '--ticket-key', ticketKey]
    return run(
      process.execPath,
      [...NODE_FLAGS, HOST, ...args, '--site', site],
      ['ignore', 'pipe', 'pipe'],
      log.child({ game }),
    ).running
  },
})

/** One command that talks over its standard input and output, such as an SFTP session. It should end when its input does. */
export function startSession(
  command: string,
  args: string[],
  log: Logger,
): Running & { stdin: Duplex; stdout: Duplex } {
  const { running, child } = run(command, args, ['pipe', 'pipe', 'pipe'], log)
  return { ...running, stdin: child.stdin as Duplex, stdout: child.stdout as Duplex }
}

/** Runs a command to its end, however long that takes. Never rejects. */
export function runCommandFor(
  command: string,
  args: string[],
): Promise<{ ok: boolean; stdout: string; stderr: string }> {
  return new Promise((resolve) =>
    execFile(command, args, { env: environment() }, (error, stdout, stderr) =>
      resolve({ ok: error === null, stdout, stderr: stderr.trim() || (error?.message ?? '') }),
    ),
  )
}

/** Runs a command to its end; its error output when it fails. */
export function runCommand(command: string, args: string[]): Promise<{ ok: true } | { ok: false; message: string }> {
  return new Promise((resolve) =>
    execFile(command, args, { env: environment(), timeout: COMMAND_TIMEOUT_MS }, (error, _stdout, stderr) =>
      resolve(error ? { ok: false, message: stderr.trim() || error.message } : { ok: true }),
    ),
  )
}

const HINTS: Partial<Record<NodeJS.Signals, string>> = {
  SIGKILL: ' (a room never came back, or memory ran out)',
  SIGABRT: ' (memory ran out)',
}

/** In words, for a creator or operator. */
export function inWords(reason: ExitReason): string {
  switch (reason.type) {
    case 'exit':
      return reason.code === 0 ? 'ended by itself' : `exited with code ${reason.code}`
    case 'signal':
      return `was killed by ${reason.signal}${HINTS[reason.signal] ?? ''}`
    case 'ended-itself':
      return `was ended: ${reason.why}`
    case 'not-started':
      return `could not be started: ${reason.message}`
    default:
      return assertNever(reason)
  }
}

const environment = (): NodeJS.ProcessEnv => ({ PATH: process.env.PATH })

function run(command: string, args: string[], stdio: SpawnOptions['stdio'] & unknown[], log: Logger) {
  const child = spawn(command, args, { detached: true, cwd: '/', env: environment(), stdio })
  const kill = (signal: NodeJS.Signals) => {
    if (child.pid === undefined) return
    try {
      process.kill(-child.pid, signal)
    } catch {
      // the group is gone
    }
  }
  const memoryMiB = (): number | null => {
    try {
      return (Number(readFileSync(`/proc/${child.pid}/statm`, 'utf8').split(' ')[1]) * PAGE_BYTES) / 2 ** 20
    } catch {
      return null // gone, or a system without /proc: there the host's own watchdog looks alone
    }
  }
  const waitedMs = () => (child.pid === undefined ? 0 : (schedule(child.pid)?.waitedMs ?? 0))
  let lastWords: string | undefined
  child.stderr?.on('data', (chunk: Buffer) => {
    lastWords = lastWordsIn(chunk.toString()) ?? lastWords
  })
  const exited = new Promise<ExitReason>((resolve) => {
    child.once('error', (error) => resolve({ type: 'not-started', message: error.message }))
    child.once('exit', (code, signal) => {
      kill('SIGKILL') // whatever the child itself has started must not outlive it
      const tell = () => {
        if (lastWords !== undefined) resolve({ type: 'ended-itself', why: lastWords })
        else resolve(signal ? { type: 'signal', signal } : { type: 'exit', code: code ?? 0 })
      }
      child.once('close', tell) // by then all that it wrote has been read
      setTimeout(tell, CLOSE_MS).unref()
    })
  })
  if (stdio[0] === 'ignore' && child.stdout) copyToLog(child.stdout, log)
  if (child.stderr) copyToLog(child.stderr, log)
  return {
    child: child as ChildProcess,
    running: { pid: child.pid, exited, kill, memoryMiB, waitedMs } satisfies Running,
  }
}

/** Why a host ended itself, if this chunk of its error output says so: never more than a line, and never what could steer a terminal. */
function lastWordsIn(output: string): string | undefined {
  const at = output.lastIndexOf(LAST_WORDS)
  if (at < 0) return undefined
  return output
    .slice(at + LAST_WORDS.length)
    .split('\n', 1)[0]!
    .replace(/\p{C}/gu, '?')
    .slice(0, MAX_WORDS_CHARS)
}

/** Chunk by chunk, so that a line without an end is never held in memory. */
function copyToLog(stream: Readable, log: Logger): void {
  let second = 0
  let chars = 0
  stream.on('data', (chunk: Buffer) => {
    const now = Math.floor(Date.now() / 1000)
    if (now !== second) {
      if (chars > MAX_LOGGED_CHARS) log.warn({ dropped: chars - MAX_LOGGED_CHARS }, 'characters of output dropped')
      second = now
      chars = 0
    }
    const text = chunk.toString()
    const output = text.slice(0, Math.max(0, MAX_LOGGED_CHARS - chars)).trim()
    chars += text.length
    if (output) log.info({ output })
  })
}
