// Opens what a creator's path names, step by step, and never through a link: a creator can swap a folder for a link at any moment.
import { isUtf8 } from 'node:buffer'
import { constants } from 'node:fs'
import { chmod, type FileHandle, lstat, mkdir, open, opendir, rename, rmdir, unlink } from 'node:fs/promises'
import type { fileProblem } from '@sandlot/shared/contract.ts'
import type { z } from 'zod'

const { O_DIRECTORY, O_NOFOLLOW, O_NONBLOCK, O_RDONLY } = constants
const O_PATH = 0o10000000 // of Linux: a handle for the entry itself, whatever its mode

/** As bytes: a name on a disk need not be UTF-8. */
export type Name = string | Buffer

/** What the one who asked for a file is told. `not-a-file`: a link, a folder or something special is in the way. */
export class FileError extends Error {
  readonly reason: z.infer<typeof fileProblem>
  constructor(reason: FileError['reason'], cause?: unknown) {
    super(reason, { cause })
    this.reason = reason
  }
}

/** An open folder. On Linux its entries are reached through the open handle, so renaming the folder's path cannot redirect us. */
export class Folder {
  #handle: FileHandle
  #path: Name

  private constructor(handle: FileHandle, path: Name) {
    this.#handle = handle
    this.#path = path
  }

  static async open(path: Name): Promise<Folder> {
    try {
      return new Folder(await open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW), path)
    } catch (error) {
      throw pathError(error)
    }
  }

  /** The folder `names` below this one. `make`: folders that are missing are made. This one stays open. */
  async walk(names: Name[], make = false): Promise<Folder> {
    let folder: Folder | undefined
    for (const name of names) {
      const parent: Folder = folder ?? this
      try {
        if (make) await mkdir(parent.entry(name), { mode: 0o755 }).catch(exists).catch(rethrow)
        folder = await Folder.open(parent.entry(name))
      } finally {
        if (parent !== this) await parent.close()
      }
    }
    return folder ?? Folder.open(this.entry('.'))
  }

  /** How many of the folders `names`, each in the one before, are not there. */
  async missing(names: string[]): Promise<number> {
    for (let missing = 0; missing < names.length; missing++) {
      try {
        await (await this.walk(names.slice(0, names.length - missing))).close()
        return missing
      } catch (error) {
        if (!(error instanceof FileError && error.reason === 'no-such-file')) throw error
      }
    }
    return names.length
  }

  /** Removes those of the folders `names`, each in the one before, that hold nothing, from the innermost on. */
  async removeEmpty(names: string[]): Promise<void> {
    for (let depth = names.length; depth > 0; depth--) {
      try {
        await using parent = await this.walk(names.slice(0, depth - 1))
        await rmdir(parent.entry(names[depth - 1]!))
      } catch {
        return // it holds something, or its owner does something else with it
      }
    }
  }

  /** A path for one call about the entry `name` itself; the call must not follow a link there. */
  entry(name: Name): Buffer {
    const path = process.platform === 'linux' ? `/proc/self/fd/${this.#handle.fd}` : this.#path
    return Buffer.concat([path, '/', name].map((part) => Buffer.from(part)))
  }

  /** The names in it that are UTF-8, in no order. Throws FileError when it has more than `max` of any kind. */
  async names(max: number): Promise<string[]> {
    const names = await this.some(max + 1)
    if (names.length > max) throw new FileError('too-many-files')
    return names.filter((name) => isUtf8(name)).map(String)
  }

  /** As many names in it as there are, but no more than `max`. */
  async some(max: number): Promise<Buffer[]> {
    const names: Buffer[] = []
    for await (const name of this.each()) if (names.push(name) === max) break
    return names
  }

  /** The names in it, read piece by piece: it can hold millions. A file that goes meanwhile costs no other its turn. */
  async *each(): AsyncGenerator<Buffer> {
    const options = { bufferSize: 256, encoding: 'buffer' as BufferEncoding } // the types know of no names as bytes
    const folder = await opendir(this.entry('.').toString(), options).catch(rethrow)
    try {
      for (let next = await folder.read(); next; next = await folder.read()) yield next.name as unknown as Buffer
    } catch (error) {
      throw pathError(error)
    } finally {
      await folder.close()
    }
  }

  /** Moves the file at `from` to `name`, in place of whatever has that name: of a link, the link itself. */
  async put(from: string, name: Name): Promise<void> {
    await rename(from, this.entry(name)).catch(rethrow)
  }

  /** Removes a file, or of a link the link itself. */
  async remove(name: Name): Promise<void> {
    await unlink(this.entry(name)).catch(rethrow)
  }

  /** A regular file, for reading. Opening never waits, not even on a pipe. */
  async file(name: string): Promise<FileHandle> {
    let handle: FileHandle | undefined
    try {
      handle = await open(this.entry(name), O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
    } catch (error) {
      throw pathError(error)
    }
    if ((await handle.stat()).isFile()) return handle
    await handle.close()
    throw new FileError('not-a-file')
  }

  /** Undefined when there is nothing of that name. */
  async kind(name: Name): Promise<'file' | 'folder' | 'other' | undefined> {
    try {
      const found = await lstat(this.entry(name))
      return found.isFile() ? 'file' : found.isDirectory() ? 'folder' : 'other'
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
      throw pathError(error)
    }
  }

  /** What the entry is, whatever its kind; undefined when there is nothing of that name. */
  async look(name: Name): Promise<{ isFolder: boolean; bytes: number; changedMs: number } | undefined> {
    const found = await lstat(this.entry(name)).catch(() => undefined)
    return found && { isFolder: found.isDirectory(), bytes: found.isFile() ? found.size : 0, changedMs: found.ctimeMs }
  }

  /** Lets us into a folder of our own whose mode does not. Nothing happens to what is no folder. */
  async unlock(name: Name): Promise<void> {
    if (process.platform !== 'linux') return
    const handle = await open(this.entry(name), O_PATH | O_DIRECTORY | O_NOFOLLOW).catch(() => undefined)
    if (!handle) return
    try {
      await chmod(`/proc/self/fd/${handle.fd}`, 0o700)
    } catch {
      // somebody else's: it stays as it is
    } finally {
      await handle.close()
    }
  }

  /** In bytes, of the entry itself. */
  async size(name: string): Promise<number> {
    return (await lstat(this.entry(name)).catch(() => ({ size: 0 }))).size // 0: gone since the folder was listed
  }

  /** Makes a rename or removal inside this folder survive a power cut. */
  sync(): Promise<void> {
    return this.#handle.sync()
  }

  close(): Promise<void> {
    return this.#handle.close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}

/** What a creator's tree can cause, or a full disk; anything else is our machine and stays as it is. */
function pathError(error: unknown): unknown {
  switch ((error as NodeJS.ErrnoException).code) {
    case 'ENOENT':
      return new FileError('no-such-file', error)
    case 'ELOOP': // a link
    case 'ENOTDIR':
    case 'EISDIR':
    case 'ENXIO': // a socket
    case 'ENAMETOOLONG': // no file can have that name
    case 'EACCES': // its owner lets nobody read it, or nobody change the folder
    case 'EPERM':
      return new FileError('not-a-file', error)
    case 'EDQUOT':
    case 'ENOSPC':
      return new FileError('disk-full', error)
    default:
      return error
  }
}

/** For the operations that this file has no function for. */
export function rethrow(error: unknown): never {
  throw pathError(error)
}

function exists(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EEXIST') throw error
}
