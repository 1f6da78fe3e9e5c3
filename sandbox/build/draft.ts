// The folder of a build: named by what it holds, complete and tried, or absent. A draft is written beside it and renamed.
import { createHash } from 'node:crypto'
import { chmod, lstat, mkdir, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { assetType, type BuildRecord } from '../host/build.ts'
import type { Compiled } from './parts.ts'
import { BuildError, DISK_FULL } from './problem.ts'

const DRAFT = '.draft-' // begins the name of a build that is being made
const FORMAT = 3 // counts up when the same files must give another build
const FEW_BYTES = 4096

/** What a build's folder is to hold beside build.json, by path. */
export type Content = ReadonlyMap<string, Uint8Array>

/** A build of what came out of a game's files and of the assets among them, as they are. `build`, its id, follows from all of that. */
export async function drawUp(
  { manifest, server, client, content }: Compiled<Uint8Array>,
  files: ReadonlyMap<string, Uint8Array>,
): Promise<{ record: BuildRecord; content: Content }> {
  const assets = [...files.keys()].filter((path) => path.startsWith('assets/') && assetType(path))
  const record: BuildRecord = { build: '', manifest, server, client, assets }
  const all = new Map([...content, ...assets.map((path) => [`files/${path}`, files.get(path)!] as const)])
  const paths = [...all.keys()].sort()
  const sum = createHash('sha256').update(JSON.stringify([FORMAT, record]))
  for (const path of paths) sum.update(`\0${path}\0${await digest(all.get(path)!)}`)
  record.build = sum.digest('hex').slice(0, 32)
  return { record, content: all }
}

/** What takes longer than to ask for it is done on another thread: there may be megabytes. */
async function digest(bytes: Uint8Array): Promise<string> {
  if (bytes.length < FEW_BYTES) return createHash('sha256').update(bytes).digest('hex')
  const sum = await crypto.subtle.digest('SHA-256', bytes as Uint8Array<ArrayBuffer>)
  return Buffer.from(sum).toString('hex')
}

export const isMade = async (out: string, build: string): Promise<boolean> =>
  (await lstat(join(out, build)).catch(() => undefined))?.isDirectory() ?? false

/** Removes what builds to `out` have left whose supervisor was killed. Only while none is made there. */
export async function sweepDrafts(out: string): Promise<void> {
  for (const name of await readdir(out))
    if (name.startsWith(DRAFT)) await rm(join(out, name), { recursive: true, force: true })
}

export class Draft {
  #path: string

  private constructor(path: string) {
    this.#path = path
  }

  /** Rejects with BuildError when a name cannot be used or the disk is full; then nothing is left. */
  static async write(out: string, record: BuildRecord, content: Content): Promise<Draft> {
    const place = await mkdtemp(join(out, DRAFT)).catch((error) => {
      throw placeProblem(error, '')
    })
    const draft = new Draft(place)
    try {
      await draft.#fill(record, content)
    } catch (error) {
      await draft.remove()
      throw error
    }
    return draft
  }

  async #fill(record: BuildRecord, content: Content): Promise<void> {
    const folders = new Set<string>()
    for (const [path, data] of content) {
      const place = join(this.#path, path)
      try {
        if (!folders.has(dirname(place))) await mkdir(dirname(place), { recursive: true })
        folders.add(dirname(place))
        await writeFile(place, data)
      } catch (error) {
        throw placeProblem(error, path)
      }
    }
    await writeFile(join(this.#path, 'build.json'), JSON.stringify(record, null, 1)).catch((error) => {
      throw placeProblem(error, 'build.json')
    })
  }

  /** It becomes the build `out`/`build`. */
  async keep(out: string, build: string): Promise<void> {
    await chmod(this.#path, 0o750) // a game host of another user reads it through its group
    try {
      await rename(this.#path, join(out, build))
    } catch (error) {
      if (!(await isMade(out, build))) throw error // else somebody has just made the same build
    }
  }

  /** Unless it was kept. */
  async remove(): Promise<void> {
    await rm(this.#path, { recursive: true, force: true })
  }
}

/** What a creator's names can cause beside a module's map, or a full disk; anything else is our machine and stays as it is. */
function placeProblem(error: unknown, path: string): unknown {
  const file = path.slice(path.indexOf('/') + 1)
  switch ((error as NodeJS.ErrnoException).code) {
    case 'ENAMETOOLONG':
      return new BuildError({ file, message: `${file} has too long a name: shorten it` })
    case 'EEXIST':
    case 'ENOTDIR':
    case 'EISDIR':
      return new BuildError({
        file,
        message: `${file} is in the way of another file of the build, the map of a module: rename it`,
      })
    case 'ENOSPC':
    case 'EDQUOT':
      return new BuildError({ message: DISK_FULL })
    default:
      return error
  }
}
