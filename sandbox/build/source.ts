// Reads a creator's folder while the creator may be changing it: regular files only, no link is followed, nothing outside is read.
import { closeSync, constants, existsSync, fstatSync, openSync, readdirSync, readSync } from 'node:fs'
import { extname, join } from 'node:path'
import {
  MAX_FILE_BYTES,
  MAX_FOLDER_DEPTH,
  MAX_GAME_BYTES,
  MAX_GAME_FILES,
  MAX_PATH_LENGTH,
  MAX_SOURCE_BYTES,
} from '@sandlot/shared/limits.ts'
import { BuildError } from './problem.ts'

const { O_RDONLY, O_NOFOLLOW, O_DIRECTORY, O_NONBLOCK } = constants
const CODE = new Set(['.js', '.ts', '.mjs', '.mts'])
const PROC_FD = '/proc/self/fd' // Linux: a name below an open folder, whatever its path leads to by now

export const isCode = (path: string): boolean => CODE.has(extname(path))

const mebibytes = (bytes: number): string => `${(bytes / 1024 / 1024).toFixed(1)} MiB`
const refuse = (file: string, message: string): never => {
  throw new BuildError({ file, message: `${file} ${message}` })
}

/** The files of `folder` by path (`/` between names), in order of path. Hidden files and node_modules are left out. Throws BuildError. */
export function readFolder(folder: string): Map<string, Buffer> {
  const files = new Map<string, Buffer>()
  let total = 0
  const visit = (fd: number, dir: string, prefix: string, depth: number): void => {
    const here = existsSync(PROC_FD) ? `${PROC_FD}/${fd}` : dir
    for (const name of readdirSync(here).sort()) {
      if (name.startsWith('.') || name === 'node_modules') continue
      const path = prefix + name
      if (path.length > MAX_PATH_LENGTH) refuse(path, `has a name longer than ${MAX_PATH_LENGTH} characters`)
      const child = open(join(here, name), path)
      if (child === undefined) continue
      try {
        const stat = fstatSync(child)
        if (stat.isDirectory()) {
          if (depth === MAX_FOLDER_DEPTH) refuse(path, `is more than ${MAX_FOLDER_DEPTH} folders deep`)
          visit(child, join(dir, name), `${path}/`, depth + 1)
          continue
        }
        if (!stat.isFile()) refuse(path, 'is not a regular file')
        const limit = isCode(path) ? MAX_SOURCE_BYTES : MAX_FILE_BYTES
        if (stat.size > limit)
          refuse(path, `has ${mebibytes(stat.size)}; the limit for one file of its kind is ${mebibytes(limit)}`)
        if (files.size === MAX_GAME_FILES) refuse(path, `is one too many: a game may have ${MAX_GAME_FILES} files`)
        const content = readAll(child, path, limit)
        total += content.length
        if (total > MAX_GAME_BYTES) refuse(path, `makes the game larger than ${mebibytes(MAX_GAME_BYTES)}`)
        files.set(path, content)
      } finally {
        closeSync(child)
      }
    }
  }
  let root: number
  try {
    root = openSync(folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW)
  } catch (cause) {
    throw new BuildError({
      message: `The game's folder cannot be read (${(cause as NodeJS.ErrnoException).code}): ${folder}`,
    })
  }
  try {
    visit(root, folder, '', 1)
  } finally {
    closeSync(root)
  }
  return files
}

/** Undefined: gone since the folder was listed. O_NONBLOCK: a pipe must not hold the build up. */
function open(file: string, path: string): number | undefined {
  try {
    return openSync(file, O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT') return undefined
    if (code === 'ELOOP' || code === 'EMLINK')
      return refuse(path, 'is a link; links are not followed: put the file itself there')
    return refuse(path, `cannot be read (${code})`)
  }
}

/** Reads to the end, or to one byte past `limit` when the file has grown since it was measured. */
function readAll(fd: number, path: string, limit: number): Buffer {
  const chunks: Buffer[] = []
  for (let length = 0; ; ) {
    const chunk = Buffer.allocUnsafe(64 * 1024)
    const read = readSync(fd, chunk, 0, chunk.length, null)
    if (read === 0) return Buffer.concat(chunks, length)
    length += read
    if (length > limit) refuse(path, `is larger than ${mebibytes(limit)}`)
    chunks.push(chunk.subarray(0, read))
  }
}
