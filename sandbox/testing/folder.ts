// Game folders that tests write, and builds of them.
import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { compile } from '../build/compile.ts'
import { isRead } from '../build/parts.ts'
import { tryOut } from '../build/trial.ts'
import { assemble, assetType, type Build, type BuildRecord } from '../host/build.ts'

export type Files = Record<string, string | Buffer>
export const CLIENT = 'gameAPI.onState(() => {})\n'

/** A fresh folder; removed with all that is in it when disposed. */
export function temporaryFolder(): { path: string; [Symbol.dispose](): void } {
  const path = mkdtempSync(join(tmpdir(), 'sandlot-test-'))
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) }
}

export function writeFiles(folder: string, files: Files): void {
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), content)
  }
}

/** A folder with a game in it; a client is added when `files` has none. */
export function gameFolder(files: Files): { path: string; write(files: Files): void; [Symbol.dispose](): void } {
  const folder = temporaryFolder()
  writeFiles(folder.path, { 'client.js': CLIENT, ...files })
  return { ...folder, write: (more) => writeFiles(folder.path, more) }
}

/** What a game made of `files` becomes, tried. Throws BuildError. */
function made(files: Files): { record: BuildRecord; content: ReadonlyMap<string, string | Buffer> } {
  const all = Object.entries({ 'client.js': CLIENT, ...files })
  const code = new Map(all.filter(([path]) => isRead(path)).map(([path, content]) => [path, Buffer.from(content)]))
  const compiled = compile({ paths: new Set(all.map(([path]) => path)), code })
  tryOut(compiled)
  const { manifest, server, client, content } = compiled
  const assets = all.filter(([path]) => path.startsWith('assets/') && assetType(path))
  const build = createHash('sha256').update(JSON.stringify(all)).digest('hex').slice(0, 32)
  return {
    record: { build, manifest, server, client, assets: assets.map(([path]) => path) },
    content: new Map([...content, ...assets.map(([path, data]) => [`files/${path}`, data] as const)]),
  }
}

/** Builds a game made of `files` below `out`; the build's folder. Throws BuildError. */
export function writeBuild(files: Files, out: string): string {
  const { record, content } = made(files)
  const dir = join(out, record.build)
  writeFiles(dir, { ...Object.fromEntries(content), 'build.json': JSON.stringify(record) })
  return dir
}

/** The build of a game made of `files`, of which no browser can fetch anything. Throws BuildError. */
export function buildOf(files: Files): Build {
  const { record, content } = made(files)
  return assemble(record, (path) => String(content.get(`files/${path}`)))
}
