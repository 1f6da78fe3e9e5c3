// What is in creators' files, remembered while they stay as they are: who asks for the same list again and again has nothing read again.
import type { FileHandle } from 'node:fs/promises'
import { MAX_FILE_BYTES } from '@sandlot/shared/limits.ts'
import { FileError, type Folder } from './folder.ts'
import { content, isText, streamed } from './tree.ts'

export interface Content {
  hash: string
  bytes: number
  text: boolean
}

const MAX_GAMES = 200 // that are remembered, of 500 files each
const SETTLED_MS = 1_000 // a file that changed later than this could change again and look the same: its clock ticks every few milliseconds

export class Hashes {
  #games = new Map<string, Map<string, Content>>() // the one that was asked for longest ago first
  #nowMs: () => number

  /** `nowMs`: the clock that files are stamped with. */
  constructor(nowMs: () => number = Date.now) {
    this.#nowMs = nowMs
  }

  /** For one look at all files of a game; `end` keeps what was seen, and only that. */
  begin(game: string): Look {
    const before = this.#games.get(game) ?? new Map<string, Content>()
    return new Look(before, this.#nowMs, (after) => {
      this.#games.delete(game)
      this.#games.set(game, after)
      if (this.#games.size > MAX_GAMES) this.#games.delete(this.#games.keys().next().value!)
    })
  }
}

class Look {
  #before: ReadonlyMap<string, Content>
  #after = new Map<string, Content>()
  #nowMs: () => number
  #keep: (after: Map<string, Content>) => void

  constructor(before: ReadonlyMap<string, Content>, nowMs: () => number, keep: (after: Map<string, Content>) => void) {
    this.#before = before
    this.#nowMs = nowMs
    this.#keep = keep
  }

  /** Throws FileError for what is no regular file or has more than `maxBytes`. */
  async file(folder: Folder, name: string, maxBytes: number): Promise<Content> {
    const file = await folder.file(name)
    try {
      const startMs = this.#nowMs()
      const { key, bytes, changedMs } = await stamp(file)
      if (bytes > maxBytes) throw new FileError('too-large')
      const found = this.#before.get(key) ?? (await read(file, bytes, maxBytes))
      if (changedMs + SETTLED_MS < startMs && (await stamp(file)).key === key) this.#after.set(key, found)
      return found
    } finally {
      await file.close()
    }
  }

  end(): void {
    this.#keep(this.#after)
  }
}

/** Its time of change is nothing that an owner can set. */
async function stamp(file: FileHandle): Promise<{ key: string; bytes: number; changedMs: number }> {
  const { dev, ino, size, mtimeNs, ctimeNs } = await file.stat({ bigint: true })
  return {
    key: [dev, ino, size, mtimeNs, ctimeNs].join(),
    bytes: Number(size),
    changedMs: Number(ctimeNs / 1_000_000n),
  }
}

/** Where everybody waits for this thread, it only asks: reading and hashing are other threads' work. */
async function read(file: FileHandle, bytes: number, maxBytes: number): Promise<Content> {
  if (bytes > MAX_FILE_BYTES) return streamed(file, maxBytes) // on a machine whose SFTP has no such limit
  const all = await content(file).catch(grown)
  if (all === null) return streamed(file, maxBytes) // it is on its way up
  if (all.length > maxBytes) throw new FileError('too-large')
  const digest = await crypto.subtle.digest('SHA-256', all)
  return { hash: Buffer.from(digest).toString('hex'), bytes: all.length, text: isText(all) }
}

/** What came to be too large under the reader's eyes was not when the reader began. */
function grown(error: unknown): null {
  if (error instanceof FileError && error.reason === 'too-large') return null
  throw error
}
