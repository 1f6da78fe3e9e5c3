// The child that makes one build and exits: reads {"folder","out","draft"} from standard input, prints the result as one line of JSON.
// A hostile source can at worst hang or crash this process; builder.ts kills it in time, and watchdog.ts when it takes too much memory.
import { text } from 'node:stream/consumers'
import { MAX_PATH_LENGTH } from '@sandlot/shared/limits.ts'
import type { CodeProblem } from '@sandlot/shared/protocol/messages.ts'
import { compile } from './compile.ts'
import { BuildError } from './problem.ts'
import { startWatchdog } from './watchdog.ts'

startWatchdog()
const { folder, out, draft } = JSON.parse(await text(process.stdin))
let result: unknown
try {
  result = { ok: true, ...compile(folder, out, draft) }
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
  if (code === 'ENOSPC' || code === 'EDQUOT')
    return {
      message: "The game server's disk is full, so this version could not be built. Its operator can make room.",
    }
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
