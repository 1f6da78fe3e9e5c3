// One room's V8 isolate: the only importer of isolated-vm. In goes a command as text, out comes a text; nothing else crosses.
//
// The limits here are seat belts with known holes (built-ins that ignore termination, memory that is not counted).
// The process is the real limit: watchdog.ts kills it when it falls silent, and so does the supervisor.
import { readFileSync, writeSync } from 'node:fs'
import { posix } from 'node:path'
import { LOAD_TIMEOUT_MS } from '@sandlot/shared/limits.ts'
import type { CodeProblem } from '@sandlot/shared/protocol/messages.ts'
import ivm from 'isolated-vm'
import { LAST_WORDS } from './flags.ts'
import { problemFrom } from './problem.ts'
import { Strain } from './strain.ts'

/** The server side of a build: plain JavaScript by path inside the game's folder. */
export interface ServerCode {
  entry: string
  sources: ReadonlyMap<string, string>
}

/** `code`: the creator's module threw or does not compile. `timeout`, `memory`: a limit was passed; the isolate is gone. */
export type IsolateReason = 'code' | 'timeout' | 'memory'
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
const WRAPPER = `import { install } from 'guest'\nimport * as game from 'game'\ninstall(game)\n`

function guestModule(isolate: ivm.Isolate): ivm.Module {
  guest ??= { source: readFileSync(new URL('../dist/guest.js', import.meta.url), 'utf8'), cache: undefined }
  const options = guest.cache ? { cachedData: guest.cache } : { produceCachedData: true }
  const module = isolate.compileModuleSync(guest.source, { filename: 'sandlot:guest', ...options })
  guest.cache ??= (module as { cachedData?: ivm.ExternalCopy<ArrayBuffer> }).cachedData
  return module
}

const strain = new Strain()
/** For isolated-vm, whose clock goes on while the machine is busy with other things. */
const onClock = (timeoutMs: number): number => Math.round(timeoutMs * strain.factor(performance.now()))

/** Ends this process at once: the isolate's thread may never stop, so an orderly exit could hang. */
function die(message: string): void {
  writeSync(2, `${LAST_WORDS}a room ran out of memory in a way that V8 cannot recover from (${message})\n`)
  process.kill(process.pid, 'SIGKILL')
}

export class GameIsolate {
  #isolate: ivm.Isolate
  #enter: ivm.Reference<(command: string) => string>
  #memoryMiB: number
  #cpuNs = 0n // as of the last call of `spentMs`

  /** Compiles and evaluates `code`. Throws IsolateError. */
  constructor(code: ServerCode, memoryMiB: number) {
    this.#memoryMiB = memoryMiB
    this.#isolate = new ivm.Isolate({ memoryLimit: memoryMiB, onCatastrophicError: die })
    try {
      this.#enter = this.#load(code)
    } catch (error) {
      this.dispose()
      throw error
    }
  }

  #load(code: ServerCode): ivm.Reference<(command: string) => string> {
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
      throw this.#explain(error, LOAD_TIMEOUT_MS)
    }
  }

  /** Runs one command (frame.ts) to its end; on a busy machine the limit stretches. Throws IsolateError, after which the isolate must be disposed. */
  enter(command: string, timeoutMs: number): string {
    const before = this.#isolate.cpuTime
    try {
      return this.#enter.applySync(undefined, [command], { timeout: onClock(timeoutMs) })
    } catch (error) {
      const explained = this.#explain(error, timeoutMs)
      if (explained.reason === 'timeout' && !this.#isolate.isDisposed)
        explained.starved = Number(this.#isolate.cpuTime - before) / 1e6 < timeoutMs / 2
      throw explained
    }
  }

  /** CPU time used since the last call, in milliseconds. */
  spentMs(): number {
    if (this.#isolate.isDisposed) return 0
    const now = this.#isolate.cpuTime
    const spent = Number(now - this.#cpuNs) / 1e6
    this.#cpuNs = now
    return spent
  }

  /** Heap and buffers, in MiB. */
  get memoryMiB(): number {
    const { used_heap_size, externally_allocated_size } = this.#isolate.getHeapStatisticsSync()
    return (used_heap_size + externally_allocated_size) / 2 ** 20
  }

  #explain(error: unknown, timeoutMs: number): IsolateError {
    const message = error instanceof Error ? error.message : String(error)
    if (message.includes('timed out')) {
      return new IsolateError('timeout', { message: `server.js ran longer than ${timeoutMs} ms and was stopped` })
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
