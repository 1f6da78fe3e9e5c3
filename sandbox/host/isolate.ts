// A V8 isolate for a room, or for several of one game: the only importer of isolated-vm. In goes a command as text, out comes a text; nothing else crosses.
//
// The limits here are seat belts with known holes (built-ins that ignore termination, memory that is not counted).
// The process is the real limit: watchdog.ts kills it when it falls silent, and so does the supervisor.
import { readFileSync, writeSync } from 'node:fs'
import { posix } from 'node:path'
import { LOAD_TIMEOUT_MS, STALL_MS } from '@sandlot/shared/limits.ts'
import type { CodeProblem } from '@sandlot/shared/protocol/messages.ts'
import ivm from 'isolated-vm'
import { LAST_SIGNALS, LAST_WORDS } from './flags.ts'
import { problemFrom } from './problem.ts'
import { Strain } from './strain.ts'

/** The server side of a build: plain JavaScript by path inside the game's folder. */
export interface ServerCode {
  entry: string
  sources: ReadonlyMap<string, string>
  /** It keeps nothing outside of its rooms' states (build/stateless.ts): rooms may share it. */
  stateless: boolean
}

/** `code`: the creator's module threw or does not compile. `timeout`, `memory`: a limit was passed. `mate`: another room of the isolate did that. */
export type IsolateReason = 'code' | 'timeout' | 'memory' | 'mate'
export class IsolateError extends Error {
  reason: IsolateReason
  /** A timeout of which the code had less than half: the machine was busy with other things. */
  starved = false
  problem: CodeProblem
  constructor(reason: IsolateReason, problem: CodeProblem) {
    super(problem.message)
    this.reason = reason
    this.problem = problem
  }
}

// The folder guest, bundled by `npm run build`, with V8's code cache of it (never of a creator's code: it is machine code),
// which the first isolate of the process makes.
let guest: { source: string; cache: ivm.ExternalCopy<ArrayBuffer> | undefined } | undefined
const FORGET_MS = 100
const WEIGH_MS = 200 // it takes as long as a few frames to ask, and each of many rooms does
const WRAPPER = `import { install } from 'guest'\nimport * as game from 'game'\ninstall(game)\n`

function guestModule(isolate: ivm.Isolate): ivm.Module {
  guest ??= { source: readFileSync(new URL('../dist/guest.js', import.meta.url), 'utf8'), cache: undefined }
  const options = guest.cache ? { cachedData: guest.cache } : { produceCachedData: true }
  const module = isolate.compileModuleSync(guest.source, { filename: 'sandlot:guest', ...options })
  guest.cache ??= (module as { cachedData?: ivm.ExternalCopy<ArrayBuffer> }).cachedData
  return module
}

const strain = new Strain()
const MAX_STRETCHED_MS = (STALL_MS * 2) / 3
/** For isolated-vm, whose clock goes on while the machine is busy with other things; never what the watchdog takes for a stall. */
const onClock = (timeoutMs: number): number =>
  Math.max(timeoutMs, Math.min(Math.round(timeoutMs * strain.factor(performance.now())), MAX_STRETCHED_MS))

/** Ends this process at once: the isolate's thread may never stop, so an orderly exit could hang. */
function die(message: string): void {
  writeSync(2, `${LAST_WORDS}a room ran out of memory in a way that V8 cannot recover from (${message})\n`)
  process.kill(process.pid, LAST_SIGNALS.broken)
  process.kill(process.pid, 'SIGKILL')
}

let made = 0

export class GameIsolate {
  /** Of those made in this process. */
  readonly number = made++
  #isolate: ivm.Isolate
  #enter: ivm.Reference<(room: number, command: string) => string>
  #memoryMiB: number
  #isLost = false
  #cpuNs = 0n
  #weight = { mib: 0, atMs: -Infinity }

  /** Compiles and evaluates `code`. Throws IsolateError. */
  constructor(code: ServerCode, memoryMiB: number) {
    this.#memoryMiB = memoryMiB
    this.#isolate = new ivm.Isolate({ memoryLimit: memoryMiB, onCatastrophicError: die })
    try {
      this.#enter = this.#load(code)
      this.#clock()
    } catch (error) {
      this.dispose()
      throw error
    }
  }

  #load(code: ServerCode): ivm.Reference<(room: number, command: string) => string> {
    const context = this.#isolate.createContextSync()
    const trusted = guestModule(this.#isolate)
    const own = new Map<string, ivm.Module>()
    const paths = new Map<ivm.Module, string>()
    const compile = (path: string): ivm.Module => {
      const known = own.get(path)
      if (known) return known
      const source = code.sources.get(path)
      if (source === undefined) throw new Error(`Cannot find "${path}" in the game's folder`)
      const module = this.#isolate.compileModuleSync(source, { filename: path })
      own.set(path, module)
      paths.set(module, path)
      return module
    }
    const before = process.threadCpuUsage()
    try {
      trusted.instantiateSync(context, () => trusted)
      trusted.evaluateSync({ timeout: onClock(LOAD_TIMEOUT_MS) })
      const entry = compile(code.entry)
      entry.instantiateSync(context, (specifier, from) =>
        compile(posix.join(posix.dirname(paths.get(from)!), specifier)),
      )
      const wrapper = this.#isolate.compileModuleSync(WRAPPER, { filename: 'sandlot:wrapper' })
      wrapper.instantiateSync(context, (specifier) => (specifier === 'game' ? entry : trusted))
      wrapper.evaluateSync({ timeout: onClock(LOAD_TIMEOUT_MS) })
      return trusted.namespace.getSync('enter', { reference: true })
    } catch (error) {
      throw this.#explain(error, LOAD_TIMEOUT_MS, before)
    }
  }

  /** Runs one command (frame.ts) of a room to its end; on a busy machine the limit stretches. Throws IsolateError, after which no room of this isolate can go on. */
  enter(room: number, command: string, timeoutMs: number): string {
    if (this.#isLost) throw new IsolateError('mate', { message: 'another room of this game was stopped' })
    const before = process.threadCpuUsage()
    try {
      const answer = this.#enter.applySync(undefined, [room, command], { timeout: onClock(timeoutMs) })
      this.#clock()
      return answer
    } catch (error) {
      this.#isLost = true
      this.#clock()
      const explained = this.#explain(error, timeoutMs, before)
      this.dispose()
      throw explained
    }
  }

  /** The room has ended or moved. */
  forget(room: number): void {
    try {
      this.enter(room, '{"op":"drop"}', FORGET_MS)
    } catch (error) {
      if (!(error instanceof IsolateError)) throw error // those who share the isolate find out by themselves
    }
  }

  /** A room passed a limit or broke what all rooms here run with: none of them can go on in it. */
  get isLost(): boolean {
    return this.#isLost
  }

  /** CPU time used since it was made, in nanoseconds; as of the last command. */
  get cpuNs(): bigint {
    return this.#cpuNs
  }
  #clock(): void {
    if (!this.#isolate.isDisposed) this.#cpuNs = this.#isolate.cpuTime
  }

  /** Heap and buffers, in MiB, as of at most WEIGH_MS ago. */
  get memoryMiB(): number {
    if (this.#isolate.isDisposed) return 0
    const nowMs = performance.now()
    if (nowMs >= this.#weight.atMs + WEIGH_MS) {
      const { used_heap_size, externally_allocated_size } = this.#isolate.getHeapStatisticsSync()
      this.#weight = { mib: (used_heap_size + externally_allocated_size) / 2 ** 20, atMs: nowMs }
    }
    return this.#weight.mib
  }

  /** `before`: the processor time of this thread when the code began; that of isolated-vm is time on a clock. */
  #explain(error: unknown, timeoutMs: number, before: NodeJS.CpuUsage): IsolateError {
    const message = error instanceof Error ? error.message : String(error)
    if (message.includes('timed out')) {
      const told = { message: `server.js ran longer than ${timeoutMs} ms and was stopped` }
      const explained = new IsolateError('timeout', told)
      const { user, system } = process.threadCpuUsage(before)
      explained.starved = (user + system) / 1000 < timeoutMs / 2
      return explained
    }
    if (this.#isolate.isDisposed) {
      return new IsolateError('memory', {
        message: `server.js used more than ${this.#memoryMiB} MiB of memory and was stopped`,
      })
    }
    const stack = error instanceof Error ? (error.stack ?? '') : ''
    return new IsolateError('code', problemFrom(error instanceof Error ? `${error.name}: ${message}` : message, stack))
  }

  dispose(): void {
    if (!this.#isolate.isDisposed) this.#isolate.dispose()
  }
}
