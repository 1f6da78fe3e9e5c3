// Makes a build of a creator's folder: reads, checks, tries, and writes it to a folder named by the hash of its content.
import { createHash } from 'node:crypto'
import { chmodSync, existsSync, mkdirSync, renameSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { type Budgets, DEFAULT_BUDGETS } from '@sandlot/shared/budgets.ts'
import { type Manifest, parseManifest } from '@sandlot/shared/manifest.ts'
import { newPlayerId } from '@sandlot/shared/random-ids.ts'
import { assetType, type BuildRecord, readBuild } from '../host/build.ts'
import { Engine } from '../host/engine.ts'
import { IsolateError } from '../host/isolate.ts'
import { applyEdits } from './edits.ts'
import { guardEdits } from './guard.ts'
import { type Module, readGraph } from './module.ts'
import { BuildError } from './problem.ts'
import { readFolder } from './source.ts'
import { isStateless } from './stateless.ts'

const MAX_TRIES = 5 // on a machine that is very busy; a loop without end looks the same there, and its creator waits
const FORMAT = 3 // counts up when the same files must give another build

/**
 * Returns the build's id and manifest; its folder is OUT/ID. `draft` is an empty folder on the same disk that becomes it; the caller removes
 * what is left of it. The build is tried under `budgets`. Throws BuildError.
 */
export function compile(
  folder: string,
  out: string,
  draft: string,
  budgets: Budgets = DEFAULT_BUDGETS,
): { build: string; manifest: Manifest } {
  const files = readFolder(folder)
  const manifest = readManifest(files.get('game.json'))
  const server = entry(files, 'server')
  const client = entry(files, 'client')
  if (client === null)
    throw new BuildError({
      message: 'client.js is missing. It draws the game in the browser with gameAPI.',
      file: 'client.js',
    })
  if (server !== null && manifest.peerToPeer)
    throw new BuildError({
      message: `game.json: "peerToPeer" is for games without server.js: what players tell each other never reaches ${server}`,
      file: 'game.json',
    })
  const serverModules = server === null ? [] : readGraph(server, files)
  const clientModules = readGraph(client, files)
  const record: BuildRecord = {
    build: '',
    manifest,
    server:
      server === null
        ? null
        : { entry: server, modules: serverModules.map(({ path }) => path), stateless: isStateless(serverModules) },
    client: { entry: client, modules: clientModules.map(({ path }) => path) },
    assets: [...files.keys()].filter((path) => path.startsWith('assets/') && assetType(path)),
  }
  const content = new Map<string, string | Buffer>()
  for (const { path, code } of serverModules) content.set(`files/${path}`, code)
  for (const path of record.assets) content.set(`files/${path}`, files.get(path)!)
  for (const module of clientModules) {
    const { code, map } = guarded(module)
    content.set(`client/${module.path}`, code)
    content.set(`client/${module.path}.map`, map)
  }
  record.build = hash(record, content)
  const target = join(out, record.build)
  if (!existsSync(target)) write(record, content, draft, target, budgets)
  return { build: record.build, manifest }
}

/** What browsers load for a client module: its code with guards, and the map from that to the creator's own. */
function guarded({ path, original, code, program, lines }: Module): { code: string; map: string } {
  const edits = guardEdits(program, path, lines)
  const name = basename(path)
  const result = applyEdits(code, edits, { name, original, lines })
  const link = `\n//# sourceMappingURL=${encodeURIComponent(name)}.map\n`
  return { code: result.code + link, map: JSON.stringify(result.map) }
}

function readManifest(content: Buffer | undefined): Manifest {
  const result = parseManifest(content ? content.toString('utf8') : '')
  if (result.ok) return result.manifest
  throw new BuildError({ message: result.message, file: 'game.json', line: result.line, column: result.column })
}

/** The file that everything of one side begins with; null: there is none. */
function entry(files: ReadonlyMap<string, Buffer>, name: string): string | null {
  const found = [`${name}.js`, `${name}.ts`].filter((path) => files.has(path))
  if (found.length === 1) return found[0]!
  if (found.length === 2)
    throw new BuildError({
      message: `There is both a ${name}.js and a ${name}.ts; remove one of them`,
      file: found[0]!,
    })
  return null
}

function hash(record: BuildRecord, content: ReadonlyMap<string, string | Buffer>): string {
  const sum = createHash('sha256').update(JSON.stringify([FORMAT, record]))
  for (const path of [...content.keys()].sort()) {
    sum.update(`\0${path}\0${createHash('sha256').update(content.get(path)!).digest('hex')}`)
  }
  return sum.digest('hex').slice(0, 32)
}

/** Writes beside the target, tries the build there, and only then gives it its name: a build folder is complete and tried, or absent. */
function write(
  record: BuildRecord,
  content: ReadonlyMap<string, string | Buffer>,
  draft: string,
  target: string,
  budgets: Budgets,
): void {
  for (const [path, data] of content) {
    mkdirSync(dirname(join(draft, path)), { recursive: true })
    writeFileSync(join(draft, path), data)
  }
  writeFileSync(join(draft, 'build.json'), JSON.stringify(record, null, 1))
  tryOut(draft, budgets)
  chmodSync(draft, 0o750) // a game host of another user reads it through its group
  try {
    renameSync(draft, target)
  } catch (error) {
    if (!existsSync(target)) throw error // else another child has just made the same build
  }
}

/** Starts a room of the build with one player and runs a few frames; anew when the machine had no time for it. Throws BuildError. */
function tryOut(dir: string, budgets: Budgets, tries = 1): void {
  const build = readBuild(dir)
  let engine: Engine | undefined
  try {
    engine = Engine.start(build, { kind: 'setup', seed: [1, 2, 3, 4], startMs: 0 }, [], budgets)
    const player = { id: newPlayerId(), name: 'Player' }
    const { problem } = engine.frame([{ k: 'join', p: player }], [player.id], [], 0)
    const later = problem ?? engine.trial()
    if (later) throw new BuildError(later)
  } catch (error) {
    if (!(error instanceof IsolateError)) throw error
    if (!error.starved || tries >= MAX_TRIES) throw new BuildError(error.problem)
    tryOut(dir, budgets, tries + 1)
  } finally {
    engine?.dispose()
  }
}
