// The child that makes one build and exits: reads {"folder","out","draft"} from standard input, prints the result as one line of JSON.
// A hostile source can at worst hang or crash this process; builder.ts kills it in time.
import { text } from 'node:stream/consumers'
import { compile } from './compile.ts'
import { BuildError } from './problem.ts'

const { folder, out, draft } = JSON.parse(await text(process.stdin))
let result: unknown
try {
  result = { ok: true, ...compile(folder, out, draft) }
} catch (error) {
  if (!(error instanceof BuildError)) throw error
  result = { ok: false, problem: error.problem }
}
process.stdout.write(`${JSON.stringify(result)}\n`, () => process.kill(process.pid, 'SIGKILL')) // an isolate's thread may still spin
