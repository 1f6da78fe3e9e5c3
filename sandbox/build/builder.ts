// Makes builds, each in a process that lives for it alone. A spare waits with everything loaded, so a save is live sooner. The process runs
// the creator's code and touches no file; this side reads the game's folder, checks what comes back, and writes the build.
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { type Budgets, DEFAULT_BUDGETS } from '@sandlot/shared/budgets.ts'
import { BUILD_CPU_MS, BUILD_TIMEOUT_MS, BUILD_TRIES } from '@sandlot/shared/limits.ts'
import type { Manifest } from '@sandlot/shared/manifest.ts'
import type { CodeProblem } from '@sandlot/shared/protocol/messages.ts'
import { assertNever } from '@sandlot/shared/reasons.ts'
import { ANSWER_MAX, readOutputs, readVerdict } from './answer.ts'
import { Draft, drawUp, isMade } from './draft.ts'
import { isRead } from './parts.ts'
import { BuildError, clip } from './problem.ts'
import { type BuildEnd, type BuildLauncher, type BuildProcess, childBuilds } from './process.ts'
import { readFolder } from './source.ts'
import { type Job, type Message, messages, send } from './wire.ts'

export { sweepDrafts } from './draft.ts'

export type BuildResult =
  | { ok: true; build: string; dir: string; manifest: Manifest }
  | { ok: false; problem: CodeProblem }

export interface BuildLimits {
  /** Of the process's time on a processor, in milliseconds. */
  cpuMs: number
  /** From the job to the answer, on a clock. */
  timeoutMs: number
}
const BUILD_LIMITS: Readonly<BuildLimits> = Object.freeze({ cpuMs: BUILD_CPU_MS, timeoutMs: BUILD_TIMEOUT_MS })

const END_MS = 5_000 // for a service manager to say how a process ended that was killed
const MAX_TOLD_CHARS = 500
const CONTROL = /[^\P{Cc}\n]/gu // what a source has put into an error must not steer the operator's terminal

type Files = ReadonlyMap<string, Buffer>
type Outcome = BuildResult | 'late'

export class Builder {
  #out: string
  #limits: Readonly<BuildLimits>
  #launcher: BuildLauncher
  #spare: BuildProcess | undefined
  #running = new Set<BuildProcess>()
  #work = new Set<Promise<BuildResult>>()
  #closed = false

  /** Builds go to `out`/ID. `launcher`: child processes when there is none. */
  constructor({
    out,
    limits,
    launcher = childBuilds,
  }: { out: string; limits?: Partial<BuildLimits>; launcher?: BuildLauncher | undefined }) {
    this.#out = out
    this.#limits = { ...BUILD_LIMITS, ...limits }
    this.#launcher = launcher
    this.#spare = this.#start()
  }

  #start(): BuildProcess {
    const process = this.#launcher.start()
    this.#running.add(process)
    void process.ended.then(() => {
      this.#running.delete(process)
      if (this.#spare === process) process.kill() // nobody reads its socket
    })
    return process
  }

  /**
   * Builds the game in `folder` and tries it under the budgets it will run with; again when the machine had no time for that. Never throws
   * for anything in that folder. `out` instead of the builder's own.
   */
  async build(
    folder: string,
    { out = this.#out, budgets = DEFAULT_BUDGETS }: { out?: string; budgets?: Budgets } = {},
  ): Promise<BuildResult> {
    if (this.#closed) throw new Error('the builder is closed')
    const work = this.#build(folder, out, budgets)
    this.#work.add(work)
    try {
      return await work
    } finally {
      this.#work.delete(work)
    }
  }

  async #build(folder: string, out: string, budgets: Budgets): Promise<BuildResult> {
    if (!this.#spare || !this.#running.has(this.#spare)) this.#spare = this.#start()
    try {
      const files = await readFolder(folder)
      await mkdir(out, { recursive: true })
      for (let tries = 0; tries < BUILD_TRIES && !this.#closed; tries++) {
        const outcome = await this.#attempt(files, out, budgets)
        if (outcome !== 'late') return outcome
      }
    } catch (error) {
      if (error instanceof BuildError) return { ok: false, problem: clip(error.problem) }
      throw error
    }
    return { ok: false, problem: { message: this.#closed ? CLOSED : lateSentence(this.#limits) } }
  }

  /** In a process of its own, which is gone afterwards. */
  async #attempt(files: Files, out: string, budgets: Budgets): Promise<Outcome> {
    const process = this.#spare && this.#running.has(this.#spare) ? this.#spare : this.#start()
    this.#spare = undefined
    let late = false
    const timer = setTimeout(() => {
      late = true
      process.kill()
    }, this.#limits.timeoutMs)
    try {
      const result = await this.#converse(process, files, out, budgets)
      if (result) return result
      process.kill()
      const end = await endOf(process)
      if (end.said) tell(end.said) // to the operator; the creator reads the sentence
      if (late && end.why !== 'time') return 'late'
      return { ok: false, problem: { message: sentence(end, this.#limits) } }
    } finally {
      clearTimeout(timer)
      process.kill()
      if (!this.#closed) this.#spare ??= this.#start()
    }
  }

  /** Undefined: the process ended, or said what none of ours says. Rejects with BuildError. */
  async #converse(
    process: BuildProcess,
    files: Files,
    out: string,
    budgets: Budgets,
  ): Promise<BuildResult | undefined> {
    const link = await process.link
    if (!link) return undefined
    const paths = new Set(files.keys())
    const code = [...files].filter(([path]) => isRead(path))
    const job: Job = {
      paths: [...paths],
      code: code.map(([path]) => path),
      sizes: code.map(([, { length }]) => length),
      budgets,
      cpuMs: this.#limits.cpuMs,
    }
    send(
      link,
      job,
      code.map(([, content]) => content),
    ).catch(() => {}) // its end says why
    const heard = messages(link, ANSWER_MAX)
    const first = await hear(heard, (message) => readOutputs(message, paths))
    if (!first?.ok) return first
    const { record, content } = await drawUp(first.compiled, files)
    const { build, manifest } = record
    const made = { ok: true, build, dir: join(out, build), manifest } as const
    if (await isMade(out, build)) return made
    const draft = await Draft.write(out, record, content)
    try {
      const last = await hear(heard, readVerdict)
      if (!last?.ok) return last
      await draft.keep(out, build)
      return made
    } finally {
      await draft.remove()
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true
    await Promise.all(
      [...this.#running].map((process) => {
        process.kill()
        return endOf(process)
      }),
    )
    await Promise.allSettled(this.#work)
  }
}

/** What the process says next. Undefined: it is gone, or said what none of ours says, of which the operator reads. */
async function hear<T>(
  heard: AsyncGenerator<Message, undefined>,
  read: (message: Message) => T,
): Promise<T | undefined> {
  try {
    const { value } = await heard.next()
    return value && read(value)
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    if (code === undefined)
      tell(`A process that made a build said what none says: ${message.slice(0, MAX_TOLD_CHARS)}\n`)
    return undefined
  }
}

const tell = (text: string): boolean => process.stderr.write(text.replace(CONTROL, '?'))

async function endOf({ ended }: BuildProcess): Promise<BuildEnd> {
  const nobody = Promise.withResolvers<BuildEnd>()
  const timer = setTimeout(() => nobody.resolve({ why: 'unknown', said: '' }), END_MS)
  try {
    return await Promise.race([ended, nobody.promise])
  } finally {
    clearTimeout(timer)
  }
}

const CLOSED = 'The game server is being stopped, so this version was not built. It is built when the server is back.'

const lateSentence = ({ timeoutMs }: BuildLimits): string =>
  `The build was not done after ${timeoutMs / 1000} s and was stopped, ${BUILD_TRIES} times in a row. Is the game server very busy? Save again in a moment.`

function sentence({ why }: BuildEnd, { cpuMs }: BuildLimits): string {
  switch (why) {
    case 'time':
      return `The build took more than ${cpuMs / 1000} s of processor time and was stopped. Does a file loop while it loads?`
    case 'memory':
      return 'The build ran out of memory and was stopped. Is a source file very large or deeply nested, or does server.js take memory while it loads?'
    case 'stuck':
      return 'A room of this version could neither go on nor be interrupted when it was tried. Does server.js call something without end, or take very much memory, while it loads?'
    case 'not-started':
      return 'The build could not be started: the game server has a fault, of which its operator can read in the log. Save again in a moment.'
    case 'unknown':
      return 'The build stopped without a result. Does server.js use very much memory or time while it loads?'
    default:
      return assertNever(why)
  }
}
