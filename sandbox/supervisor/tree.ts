// Looks at a creator's tree: which files it has, how large they are, what is in them. Bounded in files, bytes and depth.
import { isUtf8 } from 'node:buffer'
import { createHash } from 'node:crypto'
import { type FileHandle, readdir } from 'node:fs/promises'
import { MAX_FILE_BYTES, MAX_FOLDER_DEPTH, MAX_GAME_BYTES, MAX_GAME_FILES } from '@sandlot/shared/limits.ts'
import { FileError, type Folder } from './folder.ts'

export interface Entry {
  /** Open only until the next entry is asked for. */
  folder: Folder
  name: string
  kind: 'file' | 'folder'
  /** From the root, `/` between names. */
  path: string
}

/** The folders and regular files below `root`; what is hidden, linked or special is left out. */
export async function* entries(root: Folder, prefix = '', depth = MAX_FOLDER_DEPTH): AsyncGenerator<Entry> {
  for (const name of await readdir(root.entry('.'))) {
    if (name.startsWith('.')) continue
    const kind = await root.kind(name)
    if (kind === 'file' || kind === 'folder') yield { folder: root, name, kind, path: prefix + name }
    if (kind !== 'folder' || depth === 1) continue
    await using inner = await root.walk([name])
    yield* entries(inner, `${prefix}${name}/`, depth - 1)
  }
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

/** What is there now; null for nothing. */
export async function look(
  folder: Folder,
  name: string,
): Promise<{ hash: string; bytes: number; text: boolean } | null> {
  if ((await folder.kind(name)) === undefined) return null
  const file = await folder.file(name)
  try {
    const digest = createHash('sha256')
    let bytes = 0
    let text = true
    const decoder = new TextDecoder('utf-8', { fatal: true })
    for await (const chunk of file.createReadStream({ autoClose: false })) {
      bytes += chunk.length
      if (bytes > MAX_GAME_BYTES) throw new FileError('too-large')
      digest.update(chunk)
      text &&= isTextSoFar(decoder, chunk)
    }
    return { hash: digest.digest('hex'), bytes, text }
  } finally {
    await file.close()
  }
}

function isTextSoFar(decoder: TextDecoder, chunk: Buffer): boolean {
  if (chunk.includes(0)) return false
  try {
    decoder.decode(chunk, { stream: true })
    return true
  } catch {
    return false
  }
}

/** Reads no more than the limit, even of a file that grows meanwhile. Closes the file. */
export async function content(file: FileHandle): Promise<Buffer> {
  try {
    const buffer = Buffer.alloc(Math.min((await file.stat()).size, MAX_FILE_BYTES) + 1)
    let length = 0
    while (length < buffer.length) {
      const { bytesRead } = await file.read(buffer, length, buffer.length - length)
      if (bytesRead === 0) return buffer.subarray(0, length)
      length += bytesRead
    }
    throw new FileError('too-large')
  } finally {
    await file.close()
  }
}

export const isText = (bytes: Buffer): boolean => isUtf8(bytes) && !bytes.includes(0)
export const hash = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex')
