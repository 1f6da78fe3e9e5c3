// A creator's files as the website's editor sees them: no path leaves the folder, no edit is lost, a file is never half written.
import { randomUUID } from 'node:crypto'
import { open, rm } from 'node:fs/promises'
import { join } from 'node:path'
import {
  filePath,
  type filesAnswer,
  type gameFile,
  type readAnswer,
  type removeAnswer,
  type removeFile,
  type writeAnswer,
  type writeFile,
} from '@sandlot/shared/contract.ts'
import { MAX_FILE_BYTES, MAX_FOLDER_DEPTH, MAX_GAME_BYTES, MAX_GAME_FILES } from '@sandlot/shared/limits.ts'
import type { z } from 'zod'
import type { Save } from './allowance.ts'
import { isDiskFull } from './disk.ts'
import { FileError, Folder } from './folder.ts'
import { Hashes } from './hashes.ts'
import { Locks } from './locks.ts'
import { Slots } from './slots.ts'
import { content, entries, hash, isText, look, measure, passing } from './tree.ts'
import type { Weight } from './trim.ts'

const LISTS_AT_ONCE = 2 // each may read 50 MiB
type GameFile = z.infer<typeof gameFile>
type FilesAnswer = z.infer<typeof filesAnswer>
type Problem = FileError['reason']
/** Around what writes a file. Throws FileError when its creator may not have more. */
export type Saving = <T>(game: string, save: Save, act: () => Promise<T>) => Promise<T>

export class Files {
  #games: string
  #temporary: string
  #ownerOf: (game: string) => string
  #locks = new Locks()
  #lists = new Map<string, Promise<FilesAnswer>>() // that have not begun
  #listing = new Locks()
  #slots = new Slots(LISTS_AT_ONCE)
  #hashes: Hashes
  #saving: Saving

  /** `games` holds a folder a game; `temporary` is a folder of ours on the same file system; `nowMs` the clock that files are stamped with. */
  constructor({
    games,
    temporary,
    ownerOf = (game) => game,
    nowMs,
    saving = (_game, _save, act) => act(),
  }: {
    games: string
    temporary: string
    /** Owners take turns. */
    ownerOf?: (game: string) => string
    nowMs?: () => number
    saving?: Saving
  }) {
    this.#games = games
    this.#temporary = temporary
    this.#ownerOf = ownerOf
    this.#hashes = new Hashes(nowMs)
    this.#saving = saving
  }

  /**
   * Hidden, linked and special files are left out, and names that the door has no words for: control characters, not UTF-8, too long.
   * One at a time of a game: all who ask meanwhile share the next one.
   */
  list(game: string): Promise<FilesAnswer> {
    const next =
      this.#lists.get(game) ??
      this.#listing.with(game, () =>
        this.#slots.with(this.#ownerOf(game), () => {
          this.#lists.delete(game)
          return this.#list(game)
        }),
      )
    this.#lists.set(game, next)
    return next
  }

  async #list(game: string): Promise<FilesAnswer> {
    try {
      await using root = await this.#root(game)
      await measure(root)
      const known = this.#hashes.begin(game)
      const files: GameFile[] = []
      let left = MAX_GAME_BYTES // the creator may be writing
      for await (const { path, folder, name, kind } of entries(root)) {
        if (kind !== 'file' || !filePath.safeParse(path).success) continue
        const found = await known.file(folder, name, left).catch(passing)
        if (!found) continue
        left -= found.bytes
        if (files.push({ path, ...found }) > MAX_GAME_FILES) throw new FileError('too-many-files')
      }
      known.end()
      return { ok: true, files: files.sort((a, b) => (a.path < b.path ? -1 : 1)) }
    } catch (error) {
      return { ok: false, reason: problem(error) }
    }
  }

  async read(game: string, path: string): Promise<z.infer<typeof readAnswer>> {
    try {
      await using root = await this.#root(game)
      const { folder: names, name } = split(path)
      await using folder = await root.walk(names)
      await using file = await folder.file(name)
      const bytes = await content(file)
      const encoding = isText(bytes) ? 'utf8' : 'base64'
      return { ok: true, file: { path, content: bytes.toString(encoding), encoding, hash: hash(bytes) } }
    } catch (error) {
      return { ok: false, reason: problem(error) }
    }
  }

  /** Nobody but a writer over SFTP can change the file between the look at its hash and the rename. */
  write({
    game,
    path,
    content: text,
    encoding,
    replaces,
  }: z.infer<typeof writeFile>): Promise<z.infer<typeof writeAnswer>> {
    const bytes = Buffer.from(text, encoding)
    return this.#change(game, path, replaces, async (root, { folder: names, name }, current) => {
      if (bytes.length > MAX_FILE_BYTES) throw new FileError('too-large')
      const more = {
        bytes: bytes.length - (current?.bytes ?? 0),
        entries: current ? 0 : 1 + (await root.missing(names)),
      }
      await checkRoom(root, more)
      await this.#saving(game, { path, bytes: bytes.length, more }, async () => {
        const temporary = join(this.#temporary, randomUUID())
        try {
          const file = await open(temporary, 'wx', 0o644).catch(noRoom)
          try {
            await file.writeFile(bytes).catch(noRoom)
            await file.sync().catch(noRoom)
          } finally {
            await file.close()
          }
          await using folder = await root.walk(names, current === null)
          await folder.put(temporary, name)
          await folder.sync()
        } finally {
          await rm(temporary, { force: true })
        }
      })
      return { ok: true, hash: hash(bytes) } as const
    })
  }

  /** A folder whose last file goes, goes with it: the editor knows of no empty folders. */
  remove({ game, path, replaces }: z.infer<typeof removeFile>): Promise<z.infer<typeof removeAnswer>> {
    return this.#change(game, path, replaces, async (root, { folder: names, name }) => {
      await using folder = await root.walk(names)
      await folder.remove(name)
      await folder.sync()
      await root.removeEmpty(names)
      return { ok: true } as const
    })
  }

  async #change<T>(
    game: string,
    path: string,
    replaces: string | null,
    act: (root: Folder, where: Where, current: { bytes: number } | null) => Promise<T>,
  ): Promise<T | { ok: false; reason: Problem; current: string | null }> {
    let current: { hash: string; bytes: number } | null = null
    try {
      return await this.#locks.with(game, async () => {
        await using root = await this.#root(game)
        const where = split(path)
        if (where.folder.length >= MAX_FOLDER_DEPTH) throw new FileError('too-deep')
        current = await seen(root, where)
        if ((current?.hash ?? null) !== replaces) throw new FileError(current ? 'changed-meanwhile' : 'no-such-file')
        return await act(root, where, current)
      })
    } catch (error) {
      const found = current as { hash: string } | null
      return { ok: false, reason: problem(error), current: found?.hash ?? null }
    }
  }

  async #root(game: string): Promise<Folder> {
    try {
      return await Folder.open(join(this.#games, game))
    } catch (error) {
      throw error instanceof FileError ? new FileError('no-such-game', error) : error
    }
  }
}

/** The folders on the way, from the root, and the name in the last of them. */
interface Where {
  folder: string[]
  name: string
}

async function checkRoom(root: Folder, more: Weight): Promise<void> {
  const sum = await measure(root)
  if (sum.files + more.entries > MAX_GAME_FILES) throw new FileError('too-many-files')
  if (sum.bytes + more.bytes > MAX_GAME_BYTES) throw new FileError('too-large')
}

/** What is there now; null when the file or a folder on the way is missing. */
async function seen(root: Folder, { folder: names, name }: Where): ReturnType<typeof look> {
  if ((await root.missing(names)) > 0) return null
  await using folder = await root.walk(names)
  return await look(folder, name) // before the folder is closed
}

function split(path: string): Where {
  const names = path.split('/')
  return { folder: names.slice(0, -1), name: names.at(-1)! }
}

function problem(error: unknown): Problem {
  if (error instanceof FileError) return error.reason
  throw error
}

/** Of a file of our own: a full disk is an answer, all else is this machine's fault and no creator's. */
function noRoom(error: unknown): never {
  throw isDiskFull(error) ? new FileError('disk-full', error) : error
}
