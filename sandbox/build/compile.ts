// Checks a creator's files and makes of them what a build holds. It reads and writes no file: builder.ts does.
import { basename } from 'node:path'
import { MAX_BUILD_BYTES } from '@sandlot/shared/limits.ts'
import { type Manifest, parseManifest } from '@sandlot/shared/manifest.ts'
import { applyEdits } from './edits.ts'
import { guardEdits } from './guard.ts'
import { type Module, readGraph } from './module.ts'
import { type Compiled, entries, entryOf, MANIFEST, type Sources } from './parts.ts'
import { BuildError } from './problem.ts'
import { isStateless } from './stateless.ts'

/** Throws BuildError. */
export function compile({ paths, code }: Sources): Compiled {
  const manifest = readManifest(code.get(MANIFEST))
  const server = onlyEntry(paths, 'server')
  const client = onlyEntry(paths, 'client')
  if (client === null)
    throw new BuildError({
      message: 'client.js is missing. It draws the game in the browser with gameAPI.',
      file: 'client.js',
    })
  if (server !== null && manifest.peerToPeer)
    throw new BuildError({
      message: `game.json: "peerToPeer" is for games without server.js: what players tell each other never reaches ${server}`,
      file: MANIFEST,
    })
  const has = (path: string) => paths.has(path)
  const serverModules = server === null ? [] : readGraph(server, code, has)
  const clientModules = readGraph(client, code, has)
  const content = new Map<string, string>()
  let bytes = 0
  const add = (path: string, text: string) => {
    content.set(path, text)
    bytes += Buffer.byteLength(text)
    if (bytes > MAX_BUILD_BYTES)
      throw new BuildError({
        message: `The game's code is too large: with what the browser needs to guard it and to find errors in it, it has more than ${MAX_BUILD_BYTES / 2 ** 20} MiB`,
      })
  }
  for (const { path, code } of serverModules) add(`files/${path}`, code)
  for (const module of clientModules) {
    const { code, map } = guarded(module)
    add(`client/${module.path}`, code)
    add(`client/${module.path}.map`, map)
  }
  return {
    manifest,
    server:
      server === null
        ? null
        : { entry: server, modules: serverModules.map(({ path }) => path), stateless: isStateless(serverModules) },
    client: { entry: client, modules: clientModules.map(({ path }) => path) },
    content,
  }
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
  throw new BuildError({ message: result.message, file: MANIFEST, line: result.line, column: result.column })
}

/** As `entryOf`. Throws BuildError when it is not clear which. */
function onlyEntry(paths: ReadonlySet<string>, name: 'server' | 'client'): string | null {
  if (entries(paths, name).length === 2)
    throw new BuildError({
      message: `There is both a ${name}.js and a ${name}.ts; remove one of them`,
      file: `${name}.js`,
    })
  return entryOf(paths, name)
}
