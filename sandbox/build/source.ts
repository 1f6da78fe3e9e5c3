// Reads a creator's folder while the creator may be changing it: regular files only, no link is followed, nothing outside is read.
import { isUtf8 } from 'node:buffer'
import { type BigIntStats, constants } from 'node:fs'
import { type FileHandle, opendir, open as openFile } from 'node:fs/promises'
import { extname, join } from 'node:path'
import { filePath } from '@sandlot/shared/contract.ts'
import {
  MAX_FILE_BYTES,
  MAX_FOLDER_DEPTH,
  MAX_FOLDER_ENTRIES,
  MAX_GAME_BYTES,
  MAX_GAME_FILES,
  MAX_PATH_LENGTH,
  MAX_SOURCE_BYTES,
} from '@sandlot/shared/limits.ts'
import { visibleLine } from '@sandlot/shared/visible.ts'
import { BuildError } from './problem.ts'

const { O_RDONLY, O_NOFOLLOW, O_DIRECTORY, O_NONBLOCK } = constants
const CODE = new Set(['.js', '.ts', '.mjs', '.mts'])
const READS = 3 // of a file that changes meanwhile

export const isCode = (path: string): boolean => CODE.has(extname(path))

const mebibytes = (bytes: number | bigint): string => `${(Number(bytes) / 1024 / 1024).toFixed(1)} MiB`
const refuse = (path: string, message: string): never => {
  const file = visibleLine(path)
  throw new BuildError({ file, message: `${file} ${message}` })
}
/** Linux: a path below an open folder, whatever the path that it was opened by leads to now. Elsewhere, that path. */
const below = (fd: number, dir: string): string => (process.platform === 'linux' ? `/proc/self/fd/${fd}` : dir)

/**
 * The files of `folder` by path (`/` between names), in order of path. Hidden files and node_modules are left out. Rejects with BuildError.
 * Whoever asks goes on meanwhile: a disk may take its time.
 */
export async function readFolder(folder: string): Promise<Map<string, Buffer>> {
  const files = new Map<string, Buffer>()
  let total = 0
  let entries = 0
  const visit = async (open: FileHandle, dir: string, prefix: string, depth: number): Promise<void> => {
    const here = below(open.fd, dir)
    const names = await list(here, MAX_FOLDER_ENTRIES - entries)
    entries += names.length
    for (const name of names.filter(isOfGame).sort()) {
      const path = prefix + name
      check(path)
      const child = await openEntry(join(here, name), path)
      if (child === undefined) continue
      try {
        const stat = await child.stat({ bigint: true })
        if (stat.isDirectory()) {
          if (depth === MAX_FOLDER_DEPTH) refuse(path, `is more than ${MAX_FOLDER_DEPTH - 1} folders deep`)
          await visit(child, join(dir, name), `${path}/`, depth + 1)
          continue
        }
        if (!stat.isFile()) refuse(path, 'is not a regular file')
        if (files.size === MAX_GAME_FILES) refuse(path, `is one too many: a game may have ${MAX_GAME_FILES} files`)
        const content = await readWhole(child, path, stat)
        total += content.length
        if (total > MAX_GAME_BYTES) refuse(path, `makes the game larger than ${mebibytes(MAX_GAME_BYTES)}`)
        files.set(path, content)
      } finally {
        await child.close()
      }
    }
  }
  let root: FileHandle
  try {
    root = await openFile(folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW)
  } catch (cause) {
    throw new BuildError({
      message: `The game's folder cannot be read (${(cause as NodeJS.ErrnoException).code}): ${folder}`,
    })
  }
  try {
    await visit(root, folder, '', 1)
  } finally {
    await root.close()
  }
  return files
}

/** Whether a name in a game's folder is part of the game. */
export const isOfGame = (name: string): boolean => !name.startsWith('.') && name !== 'node_modules'

/** At most `max` names, read piece by piece: a folder can hold millions. */
async function list(folder: string, max: number): Promise<string[]> {
  const names: string[] = []
  const options = { encoding: 'buffer' as BufferEncoding, bufferSize: 256 } // the types know of no names as bytes
  for await (const entry of await opendir(folder, options)) {
    if (names.length === max)
      throw new BuildError({
        message: `The game's folder holds more than ${MAX_FOLDER_ENTRIES} files and folders, hidden ones included: remove what is not part of the game`,
      })
    const name = entry.name as unknown as Buffer
    if (!isUtf8(name)) refuse(name.toString(), 'has a name that is not UTF-8: rename it')
    names.push(name.toString())
  }
  return names
}

/** The website's editor shows the same paths, so the rule is one. */
function check(path: string): void {
  if (path.length > MAX_PATH_LENGTH) refuse(path, `has a name longer than ${MAX_PATH_LENGTH} characters`)
  if (!filePath.safeParse(path).success) refuse(path, 'has a control character or a backslash in its name: rename it')
}

/** Undefined: gone since the folder was listed. O_NONBLOCK: a pipe must not hold the build up. */
async function openEntry(file: string, path: string): Promise<FileHandle | undefined> {
  try {
    return await openFile(file, O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT') return undefined
    if (code === 'ELOOP' || code === 'EMLINK')
      return refuse(path, 'is a link; links are not followed: put the file itself there')
    if (code === 'ENXIO') return refuse(path, 'is not a regular file') // a socket
    if (code === 'EACCES') return refuse(path, 'may not be read: change its permissions')
    return refuse(path, `cannot be read (${code})`)
  }
}

/** What the file held at one moment, although somebody may be writing it. */
async function readWhole(file: FileHandle, path: string, found: BigIntStats): Promise<Buffer> {
  const limit = isCode(path) ? MAX_SOURCE_BYTES : MAX_FILE_BYTES
  for (let before = found, reads = 0; reads < READS; reads++) {
    if (before.size > limit)
      refuse(path, `has ${mebibytes(before.size)}; the limit for one file of its kind is ${mebibytes(limit)}`)
    const content = await readAll(file, Number(before.size))
    const after = await file.stat({ bigint: true })
    if (after.mtimeNs === before.mtimeNs && after.size === before.size && BigInt(content.length) === after.size)
      return content
    before = after
  }
  return refuse(path, 'changes while it is read: the game is built again when it is complete')
}

/** No more than `bytes`; less when the file has shrunk since it was measured. */
async function readAll(file: FileHandle, bytes: number): Promise<Buffer> {
  const content = Buffer.allocUnsafeSlow(bytes)
  for (let length = 0; length < bytes; ) {
    const { bytesRead } = await file.read(content, length, bytes - length, length)
    if (bytesRead === 0) return content.subarray(0, length)
    length += bytesRead
  }
  return content
}
