// What the process that makes a build answers, as its builder checks it: that process has run the creator's code and may have become it.
import { codeProblem } from '@sandlot/shared/contract.ts'
import { MAX_BUILD_BYTES, MAX_GAME_FILES, MAX_PATH_LENGTH } from '@sandlot/shared/limits.ts'
import { manifestSchema } from '@sandlot/shared/manifest.ts'
import type { CodeProblem } from '@sandlot/shared/protocol/messages.ts'
import { z } from 'zod'
import { type Compiled, entryOf, outputPaths } from './parts.ts'
import { DISK_FULL } from './problem.ts'
import { isCode } from './source.ts'
import { type Message, pieces } from './wire.ts'

const MAX_HEAD_BYTES = 2 * 1024 * 1024 // twice the paths of all files that a game can have, and its manifest

/** Of one message. */
export const ANSWER_MAX = { headBytes: MAX_HEAD_BYTES, bodyBytes: MAX_BUILD_BYTES }

const modules = {
  entry: z.string().max(MAX_PATH_LENGTH),
  modules: z.array(z.string().max(MAX_PATH_LENGTH)).min(1).max(MAX_GAME_FILES),
}
/** Whether the disk is full the builder alone knows, and it builds again when there is room. */
const problem = codeProblem.refine(({ message }) => message !== DISK_FULL, 'a problem that is not its own')
const refusal = z.strictObject({ ok: z.literal(false), problem })
const outputs = z.discriminatedUnion('ok', [
  z.strictObject({
    ok: z.literal(true),
    manifest: manifestSchema,
    server: z.strictObject({ ...modules, stateless: z.boolean() }).nullable(),
    client: z.strictObject(modules),
    /** Of the contents of `outputPaths`, in bytes. */
    sizes: z.array(z.int().nonnegative()).max(3 * MAX_GAME_FILES),
  }),
  refusal,
])
const verdict = z.discriminatedUnion('ok', [z.strictObject({ ok: z.literal(true) }), refusal])

/** The head of what a process says first, as it sends it. */
export type OutputsHead = z.input<typeof outputs>
/** And of what it says last. */
export type Verdict = z.infer<typeof verdict>

export type Outputs = { ok: true; compiled: Compiled<Buffer> } | { ok: false; problem: CodeProblem }

/** What is to become a build of the files at `paths`. Throws when the answer cannot be one to these. */
export function readOutputs({ head, body }: Message, paths: ReadonlySet<string>): Outputs {
  const answer = outputs.parse(head)
  if (!answer.ok) return answer
  const { manifest, server, client, sizes } = answer
  const [serverEntry, clientEntry] = [entryOf(paths, 'server'), entryOf(paths, 'client')]
  if (serverEntry !== (server?.entry ?? null) || clientEntry !== client.entry)
    throw new Error('other files begin the game')
  for (const side of server ? [server, client] : [client]) {
    if (side.modules[0] !== side.entry || new Set(side.modules).size !== side.modules.length)
      throw new Error('modules that are not those of an entry')
    if (!side.modules.every((path) => paths.has(path) && isCode(path)))
      throw new Error('a module that is no file of the game')
  }
  const names = outputPaths({ server, client })
  if (names.length !== sizes.length) throw new Error('another number of files')
  const contents = pieces(body, sizes)
  return {
    ok: true,
    compiled: { manifest, server, client, content: new Map(names.map((name, index) => [name, contents[index]!])) },
  }
}

/** How the trial of those went. Throws when that is no answer. */
export function readVerdict({ head, body }: Message): Verdict {
  if (body.length > 0) throw new Error('bytes behind a verdict')
  return verdict.parse(head)
}
