// The process that makes one build and ends: it takes a job from its builder, answers with what the files become, tries that, and says how
// it went. It touches no file of anybody. A hostile source can at worst hang or crash this process, or become it: then what it says is
// checked (answer.ts), and watchdog.ts, builder.ts and the limits of its unit end it when it takes too much time or memory.
import { connect, Socket } from 'node:net'
import type { CodeProblem } from '@sandlot/shared/protocol/messages.ts'
import type { OutputsHead, Verdict } from './answer.ts'
import { compile } from './compile.ts'
import { BuildError, clip } from './problem.ts'
import { tryOut } from './trial.ts'
import { startWatchdog } from './watchdog.ts'
import { type Job, messages, pieces, send } from './wire.ts'

const LINK_FD = 3 // where a builder that starts a child leaves the socket
/** At once: an isolate's thread may still spin. */
const end = () => process.kill(process.pid, 'SIGKILL')

const watchdog = startWatchdog()
const [, , option, path] = process.argv
const link = option === '--supervisor' ? connect(path!.replace(/^unix:/, '')) : new Socket({ fd: LINK_FD })
link.on('error', end) // nobody is left to hear of it
link.once('close', end)

const { value: message } = await messages(link).next()
if (!message) end()
else await make(message.head as Job, message.body)
end()

async function make({ paths, code, sizes, budgets, cpuMs }: Job, body: Buffer): Promise<void> {
  watchdog.begin(budgets.roomMemoryMiB, cpuMs)
  const contents = pieces(body, sizes)
  try {
    const compiled = compile({
      paths: new Set(paths),
      code: new Map(code.map((path, index) => [path, contents[index]!])),
    })
    const { content, ...about } = compiled
    const made = [...content.values()].map((text) => Buffer.from(text))
    const head: OutputsHead = { ok: true, ...about, sizes: made.map(({ length }) => length) }
    await send(link, head, made) // the builder writes while this tries
    tryOut(compiled, budgets)
    await send(link, { ok: true } satisfies Verdict)
  } catch (error) {
    await send(link, { ok: false, problem: clip(explain(error)) } satisfies Verdict)
  }
}

/** Throws what is our own mistake or a broken machine. */
function explain(error: unknown): CodeProblem {
  if (error instanceof BuildError) return error.problem
  if (error instanceof RangeError && /call stack/.test(error.message))
    return { message: 'A source file is nested too deeply to be checked. Is it generated?' }
  throw error
}
