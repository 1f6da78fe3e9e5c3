// Makes builds in short-lived child processes, one child a build. A spare child waits with everything loaded, so a save is live sooner.
import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises'
import { setPriority } from 'node:os'
import { join, resolve } from 'node:path'
import type { Readable, Writable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { type Budgets, DEFAULT_BUDGETS } from '@sandlot/shared/budgets.ts'
import { codeProblem } from '@sandlot/shared/contract.ts'
import { buildId } from '@sandlot/shared/ids.ts'
import { BUILD_CPU_MS, BUILD_TIMEOUT_MS } from '@sandlot/shared/limits.ts'
import { type Manifest, manifestSchema } from '@sandlot/shared/manifest.ts'
import type { CodeProblem } from '@sandlot/shared/protocol/messages.ts'
import { z } from 'zod'
import { LAST_WORDS, NODE_FLAGS } from '../host/flags.ts'
import type { Job } from './main.ts'
import { OUT_OF_MEMORY, OUT_OF_TIME } from './watchdog.ts'

export type BuildResult =
  | { ok: true; build: string; dir: string; manifest: Manifest }
  | { ok: false; problem: CodeProblem }

export interface BuildLimits {
  /** Of the child's processor time, in milliseconds. */
  cpuMs: number
  /** From the job to the answer, on a clock. */
  timeoutMs: number
}
const BUILD_LIMITS: Readonly<BuildLimits> = Object.freeze({ cpuMs: BUILD_CPU_MS, timeoutMs: BUILD_TIMEOUT_MS })

interface Child {
  process: ChildProcessByStdio<Writable, Readable, Readable>
  /** Resolves when it is gone and all it wrote has been read; listened to from its start, since it may die at any point. */
  closed: Promise<void>
  /** The child and whatever it may have started. */
  kill(): void
}
const MAX_OUTPUT_CHARS = 64 * 1024
const DRAFT = '.draft-' // begins the name of a build that is being made
const NICENESS = 5 // a third of the weight: a build that takes all the processor time it gets must not slow the rooms of other games
const PIPES_MS = 500 // between a child's end and the end of its output; longer: something that it started holds the pipes
const CONTROL = /[^\P{Cc}\n]/gu // what a source has put into an error must not steer the operator's terminal
const HEAP_MIB = 256 // parsing 1 MiB of the worst source stays below this
const CHILD = fileURLToPath(new URL('../dist/build.js', import.meta.url)) // main.ts, bundled by `npm run build`

const answer = z.discriminatedUnion('ok', [
  z.object({ ok: z.literal(true), build: buildId, manifest: manifestSchema }),
  z.object({ ok: z.literal(false), problem: codeProblem }),
])

/** Removes what builds to `out` have left whose process was killed with them. Only while none is made there. */
export async function sweepDrafts(out: string): Promise<void> {
  for (const name of await readdir(out))
    if (name.startsWith(DRAFT)) await rm(join(out, name), { recursive: true, force: true })
}

export class Builder {
  #out: string
  #limits: Readonly<BuildLimits>
  #spare: Child | undefined
  #running = new Set<Child>()
  #closed = false

  /** Builds go to `out`/ID. */
  constructor({ out, limits }: { out: string; limits?: Partial<BuildLimits> }) {
    this.#out = out
    this.#limits = { ...BUILD_LIMITS, ...limits }
    this.#spare = this.#spawn()
  }

  #spawn(): Child {
    const started = spawn(process.execPath, [...NODE_FLAGS, `--max-old-space-size=${HEAP_MIB}`, CHILD], {
      stdio: ['pipe', 'pipe', 'pipe'],
      detached: true, // a process group of its own
      cwd: '/',
      env: { PATH: process.env.PATH ?? '', TZ: 'UTC' },
    })
    started.on('error', () => {}) // it could not be started: 'close' follows
    started.stdin.on('error', () => {}) // the child died before it read its job: its exit says so
    const child: Child = {
      process: started,
      closed: new Promise((done) => started.once('close', () => done())),
      kill: () => killGroup(started.pid),
    }
    lowerPriority(started.pid)
    this.#running.add(child)
    started.once('exit', () => {
      this.#running.delete(child)
      child.kill()
      setTimeout(() => {
        started.stdout.destroy()
        started.stderr.destroy()
      }, PIPES_MS).unref()
    })
    return child
  }

  /**
   * Builds the game in `folder` and tries it under the budgets it will run with. Never throws for anything in that folder.
   * `out` instead of the builder's own.
   */
  async build(
    folder: string,
    { out = this.#out, budgets = DEFAULT_BUDGETS }: { out?: string; budgets?: Budgets } = {},
  ): Promise<BuildResult> {
    if (this.#closed) throw new Error('the builder is closed')
    const child = this.#spare && this.#running.has(this.#spare) ? this.#spare : this.#spawn()
    this.#spare = undefined
    await mkdir(out, { recursive: true })
    const draft = await mkdtemp(join(out, DRAFT))
    const paths = { folder: resolve(folder), out: resolve(out), draft: resolve(draft) }
    const result = await run(child, { ...paths, budgets, cpuMs: this.#limits.cpuMs }, this.#limits)
    await rm(draft, { recursive: true, force: true }) // the child may have died at any point
    if (!this.#closed) this.#spare ??= this.#spawn()
    return result.ok ? { ...result, dir: join(out, result.build) } : result
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true
    await Promise.all(
      [...this.#running].map((child) => {
        child.kill()
        child.process.stdout.resume() // a spare has no reader, and closes only when it was read to its end
        child.process.stderr.resume()
        return child.closed
      }),
    )
  }
}

async function run(child: Child, job: Job, limits: BuildLimits): Promise<z.infer<typeof answer>> {
  let output = ''
  let errors = ''
  let late = false
  const { stdin, stdout, stderr } = child.process
  const timer = setTimeout(() => {
    late = true
    child.kill()
  }, limits.timeoutMs)
  stdout.setEncoding('utf8').on('data', (chunk: string) => {
    output += chunk
    if (output.length > MAX_OUTPUT_CHARS) child.kill()
  })
  stderr.setEncoding('utf8').on('data', (chunk: string) => {
    errors = (errors + chunk).slice(-2_000)
  })
  stdin.end(JSON.stringify(job))
  await child.closed
  clearTimeout(timer)
  const answered = parse(output)
  if (!answered && errors) process.stderr.write(errors.replace(CONTROL, '?')) // for the operator; the creator reads the sentence
  return answered ?? { ok: false, problem: { message: failure(late, errors, limits) } }
}

function parse(output: string): z.infer<typeof answer> | undefined {
  try {
    return answer.parse(JSON.parse(output))
  } catch {
    return undefined
  }
}

function failure(late: boolean, errors: string, { cpuMs, timeoutMs }: BuildLimits): string {
  if (errors.includes(OUT_OF_TIME))
    return `The build took more than ${cpuMs / 1000} s of processor time and was stopped. Does a file loop while it loads?`
  if (late)
    return `The build was not done after ${timeoutMs / 1000} s and was stopped. Is the game server very busy? Save again in a moment.`
  if (errors.includes('heap out of memory') || errors.includes(OUT_OF_MEMORY))
    return 'The build ran out of memory and was stopped. Is a source file very large or deeply nested, or does server.js take memory while it loads?'
  if (errors.includes(LAST_WORDS))
    return 'A room of this version could neither go on nor be interrupted when it was tried. Does server.js call something without end, or take very much memory, while it loads?'
  return 'The build stopped without a result. Does server.js use very much memory or time while it loads?'
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
