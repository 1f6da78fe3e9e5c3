// Looks at a creator's tree: which files it has, how large they are, what is in them. Bounded in files, bytes and depth.
import { isUtf8 } from 'node:buffer'
import { createHash, randomUUID } from 'node:crypto'
import { type FileHandle, rename, rmdir } from 'node:fs/promises'
import {
  MAX_FILE_BYTES,
  MAX_FOLDER_DEPTH,
  MAX_FOLDER_ENTRIES,
  MAX_GAME_BYTES,
  MAX_GAME_FILES,
} from '@sandlot/shared/limits.ts'
import { isOfGame } from '../build/source.ts'
import { FileError, type Folder, type Name, rethrow } from './folder.ts'

const AT_ONCE = 1_000 // names that are held while a folder is emptied

export interface Entry {
  /** Open only until the next entry is asked for. */
  folder: Folder
  name: string
  kind: 'file' | 'folder'
  /** From the root, `/` between names. */
  path: string
}

/**
 * The folders and regular files below `root`; what is hidden, linked, special or too deep is left out, and what goes away or is swapped
 * meanwhile. Throws FileError when it holds more than MAX_FOLDER_ENTRIES names, left out or not.
 */
export async function* entries(
  root: Folder,
  prefix = '',
  depth = MAX_FOLDER_DEPTH,
  left = { names: MAX_FOLDER_ENTRIES },
): AsyncGenerator<Entry> {
  const names = await root.names(left.names)
  left.names -= names.length
  for (const name of names.filter(isOfGame)) {
    const kind = await root.kind(name)
    if (kind === 'file' || kind === 'folder') yield { folder: root, name, kind, path: prefix + name }
    if (kind !== 'folder' || depth === 1) continue
    const inner = await root.walk([name]).catch(passing)
    if (!inner) continue
    try {
      yield* entries(inner, `${prefix}${name}/`, depth - 1, left)
    } finally {
      await inner.close()
    }
  }
}

/** Undefined for what a creator has moved or swapped under us. */
export function passing(error: unknown): undefined {
  if (error instanceof FileError && (error.reason === 'no-such-file' || error.reason === 'not-a-file')) return
  throw error
}

/** Folders count as files do: each is an entry on the disk. Throws FileError when the tree is over a limit. */
export async function measure(root: Folder): Promise<{ files: number; bytes: number }> {
  const sum = { files: 0, bytes: 0 }
  for await (const { folder, name, kind } of entries(root)) {
    if (kind === 'file') sum.bytes += await folder.size(name)
    if (++sum.files > MAX_GAME_FILES) throw new FileError('too-many-files')
    if (sum.bytes > MAX_GAME_BYTES) throw new FileError('too-large')
  }
  return sum
}

/**
 * Removes all that `place` holds, through no link. However many files and however deep: folders inside folders are moved up into `place`
 * first, since neither a path nor a process can reach down without end.
 */
export async function empty(place: Folder): Promise<void> {
  await clear(place, (name) => flatten(place, name))
}

async function flatten(place: Folder, name: Name): Promise<void> {
  await place.unlock(name)
  const folder = await place.walk([name])
  try {
    await clear(folder, (inner) => rename(folder.entry(inner), place.entry(randomUUID())).catch(rethrow))
  } finally {
    await folder.close()
  }
  await rmdir(place.entry(name)).catch(rethrow)
}

/** Removes the files in `folder`, and does `act` to what is none until that is gone too. */
async function clear(folder: Folder, act: (name: Name) => Promise<void>): Promise<void> {
  for (let names = await folder.some(AT_ONCE); names.length > 0; names = await folder.some(AT_ONCE)) {
    const left: Name[] = []
    const remove = (name: Name) =>
      folder.remove(name).catch((error) => (isGone(error) ? undefined : void left.push(name)))
    await Promise.all(names.map(remove))
    for (const name of left) await act(name)
  }
}

const isGone = (error: unknown): boolean => error instanceof FileError && error.reason === 'no-such-file'

/** What is there now; null for nothing. Reads no more than `maxBytes`: more is a FileError. */
export async function look(
  folder: Folder,
  name: string,
  maxBytes = MAX_GAME_BYTES,
): Promise<{ hash: string; bytes: number; text: boolean } | null> {
  if ((await folder.kind(name)) === undefined) return null
  const file = await folder.file(name)
  try {
    return await streamed(file, maxBytes)
  } finally {
    await file.close()
  }
}

/** Piece by piece, from the file's start. Throws FileError when it has more than `maxBytes`. */
export async function streamed(
  file: FileHandle,
  maxBytes: number,
): Promise<{ hash: string; bytes: number; text: boolean }> {
  const digest = createHash('sha256')
  let bytes = 0
  let text = true
  const decoder = new TextDecoder('utf-8', { fatal: true })
  for await (const chunk of file.createReadStream({ autoClose: false, start: 0 })) {
    bytes += chunk.length
    if (bytes > maxBytes) throw new FileError('too-large')
    digest.update(chunk)
    text &&= isTextSoFar(decoder, chunk)
  }
  text &&= isTextSoFar(decoder)
  return { hash: digest.digest('hex'), bytes, text }
}

/** No chunk: the end. */
function isTextSoFar(decoder: TextDecoder, chunk?: Buffer): boolean {
  if (chunk?.includes(0)) return false
  try {
    decoder.decode(chunk, { stream: chunk !== undefined })
    return true
  } catch {
    return false
  }
}

/** Reads no more than the limit, even of a file that grows meanwhile. */
export async function content(file: FileHandle): Promise<Buffer<ArrayBuffer>> {
  const buffer = Buffer.alloc(Math.min((await file.stat()).size, MAX_FILE_BYTES) + 1)
  let length = 0
  while (length < buffer.length) {
    const { bytesRead } = await file.read(buffer, length, buffer.length - length, length)
    if (bytesRead === 0) return buffer.subarray(0, length)
    length += bytesRead
  }
  throw new FileError('too-large')
}

export const isText = (bytes: Buffer): boolean => isUtf8(bytes) && !bytes.includes(0)
export const hash = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex')
