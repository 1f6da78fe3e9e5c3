// Game folders that tests write, and builds of them.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { compile } from '../build/compile.ts'
import { type Build, readBuild } from '../host/build.ts'

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

/** Builds a game made of `files` below `out`; the build's folder. Throws BuildError. */
export function writeBuild(files: Files, out: string): string {
  using folder = gameFolder(files)
  const draft = mkdtempSync(join(out, '.draft-'))
  return join(out, compile(folder.path, out, draft).build)
}

/** The build of a game made of `files`, loaded. Throws BuildError. */
export function buildOf(files: Files): Build {
  using out = temporaryFolder()
  return readBuild(writeBuild(files, out.path))
}
