// The child that makes one build and exits: reads a job from standard input, prints the result as one line of JSON.
// A hostile source can at worst hang or crash this process; watchdog.ts kills it when it takes too much time or memory, and so does builder.ts.
import { text } from 'node:stream/consumers'
import type { Budgets } from '@sandlot/shared/budgets.ts'
import { MAX_PATH_LENGTH } from '@sandlot/shared/limits.ts'
import type { CodeProblem } from '@sandlot/shared/protocol/messages.ts'
import { compile } from './compile.ts'
import { BuildError, DISK_FULL } from './problem.ts'
import { startWatchdog } from './watchdog.ts'

export interface Job {
  folder: string
  /** Where builds go, each to OUT/ID. */
  out: string
  /** An empty folder on the same disk. */
  draft: string
  /** What the game may use; the build is tried under these. */
  budgets: Budgets
  /** Of processor time that the build may take, in milliseconds. */
  cpuMs: number
}

const watchdog = startWatchdog()
const { folder, out, draft, budgets, cpuMs }: Job = JSON.parse(await text(process.stdin))
watchdog.begin(budgets.roomMemoryMiB, cpuMs)
let result: unknown
try {
  result = { ok: true, ...compile(folder, out, draft, budgets) }
} catch (error) {
  result = { ok: false, problem: clip(explain(error)) }
}
process.stdout.write(`${JSON.stringify(result)}\n`, () => process.kill(process.pid, 'SIGKILL')) // an isolate's thread may still spin

/** Throws what is our own mistake or a broken machine. */
function explain(error: unknown): CodeProblem {
  if (error instanceof BuildError) return error.problem
  if (error instanceof RangeError && /call stack/.test(error.message))
    return { message: 'A source file is nested too deeply to be checked. Is it generated?' }
  const { code } = error as NodeJS.ErrnoException
  if (code === 'ENOSPC' || code === 'EDQUOT') return { message: DISK_FULL }
  throw error
}

/** Sources can make any part of a message as long as they are. */
function clip({ message, file, stack, ...at }: CodeProblem): CodeProblem {
  return {
    ...at,
    message: message.slice(0, 2_000),
    ...(file !== undefined && { file: file.slice(0, MAX_PATH_LENGTH) }),
    ...(stack !== undefined && { stack: stack.slice(0, 4_000) }),
  }
}
