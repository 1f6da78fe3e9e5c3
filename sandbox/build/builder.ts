// Makes builds in short-lived child processes, one child a build. A spare child waits with everything loaded, so a save is live sooner.
import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Readable, Writable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { codeProblem } from '@sandlot/shared/contract.ts'
import { buildId } from '@sandlot/shared/ids.ts'
import { BUILD_TIMEOUT_MS } from '@sandlot/shared/limits.ts'
import { type Manifest, manifestSchema } from '@sandlot/shared/manifest.ts'
import type { CodeProblem } from '@sandlot/shared/protocol/messages.ts'
import { z } from 'zod'
import { NODE_FLAGS } from '../host/flags.ts'

export type BuildResult =
  | { ok: true; build: string; dir: string; manifest: Manifest }
  | { ok: false; problem: CodeProblem }

interface Child {
  process: ChildProcessByStdio<Writable, Readable, Readable>
  /** Resolves when it is gone and all it wrote has been read; listened to from its start, since it may die at any point. */
  closed: Promise<void>
}
const MAX_OUTPUT_CHARS = 64 * 1024
const HEAP_MIB = 256 // parsing 1 MiB of the worst source stays below this
const CHILD = fileURLToPath(new URL('../dist/build.js', import.meta.url)) // main.ts, bundled by `npm run build`

const answer = z.discriminatedUnion('ok', [
  z.object({ ok: z.literal(true), build: buildId, manifest: manifestSchema }),
  z.object({ ok: z.literal(false), problem: codeProblem }),
])

export class Builder {
  #out: string
  #spare: Child | undefined
  #running = new Set<Child>()
  #closed = false

  /** Builds go to `out`/ID. */
  constructor({ out }: { out: string }) {
    this.#out = out
    this.#spare = this.#spawn()
  }

  #spawn(): Child {
    const started = spawn(process.execPath, [...NODE_FLAGS, `--max-old-space-size=${HEAP_MIB}`, CHILD], {
      stdio: ['pipe', 'pipe', 'pipe'],
      env: { PATH: process.env.PATH ?? '', TZ: 'UTC' },
    })
    started.stdin.on('error', () => {}) // the child died before it read its job: its exit says so
    const child = { process: started, closed: new Promise<void>((resolve) => started.once('close', () => resolve())) }
    this.#running.add(child)
    started.once('exit', () => this.#running.delete(child))
    return child
  }

  /** Builds the game in `folder`. Never throws for anything in that folder. `out` instead of the builder's own. */
  async build(folder: string, out: string = this.#out): Promise<BuildResult> {
    if (this.#closed) throw new Error('the builder is closed')
    const child = this.#spare && this.#running.has(this.#spare) ? this.#spare : this.#spawn()
    this.#spare = undefined
    await mkdir(out, { recursive: true })
    const draft = await mkdtemp(join(out, '.draft-'))
    const result = await run(child, { folder, out, draft })
    await rm(draft, { recursive: true, force: true }) // the child may have died at any point
    if (!this.#closed) this.#spare ??= this.#spawn()
    return result.ok ? { ...result, dir: join(out, result.build) } : result
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true
    await Promise.all(
      [...this.#running].map((child) => {
        child.process.kill('SIGKILL')
        child.process.stdout.resume() // a spare has no reader, and closes only when it was read to its end
        child.process.stderr.resume()
        return child.closed
      }),
    )
  }
}

async function run(child: Child, job: { folder: string; out: string; draft: string }): Promise<z.infer<typeof answer>> {
  let output = ''
  let errors = ''
  let late = false
  const { stdin, stdout, stderr } = child.process
  const timer = setTimeout(() => {
    late = true
    child.process.kill('SIGKILL')
  }, BUILD_TIMEOUT_MS)
  stdout.setEncoding('utf8').on('data', (chunk: string) => {
    output += chunk
    if (output.length > MAX_OUTPUT_CHARS) child.process.kill('SIGKILL')
  })
  stderr.setEncoding('utf8').on('data', (chunk: string) => {
    errors = (errors + chunk).slice(-2_000)
  })
  stdin.end(JSON.stringify(job))
  await child.closed
  clearTimeout(timer)
  const answered = parse(output)
  if (!answered && errors) process.stderr.write(errors) // for the operator; the creator reads the sentence
  return answered ?? { ok: false, problem: { message: failure(late, errors) } }
}

function parse(output: string): z.infer<typeof answer> | undefined {
  try {
    return answer.parse(JSON.parse(output))
  } catch {
    return undefined
  }
}

function failure(late: boolean, errors: string): string {
  if (late)
    return `The build took longer than ${BUILD_TIMEOUT_MS / 1000} s and was stopped. Does a file loop while it loads?`
  if (/heap out of memory/.test(errors))
    return 'The build ran out of memory and was stopped. Is a source file very large or deeply nested?'
  return 'The build stopped without a result. Does server.js use very much memory or time while it loads?'
}
