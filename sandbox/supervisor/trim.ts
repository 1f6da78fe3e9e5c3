// How much lies in a creator's folder, hidden or not, part of the game or not; and what came last goes when it is too much. For what a
// creator uploads: a disk with quotas of its own would have refused the same files.
import { rmdir } from 'node:fs/promises'
import { FileError, type Folder, type Name } from './folder.ts'
import { empty } from './tree.ts'

export interface Weight {
  bytes: number
  /** Files and folders. */
  entries: number
}
export interface FolderLimits extends Weight {
  /** Folders in folders. What lies deeper goes in any case. */
  depth: number
}

interface Entry {
  folder: Folder
  name: Name
  /** From the root, as far as its name is text. */
  path: string
  isFolder: boolean
  bytes: number
  /** Of its last change, in milliseconds; of a folder no later than that of anything in it, since it goes no earlier. */
  changedMs: number
}
type Visit = (entry: Entry) => Promise<void>
type Which = (path: string, bytes: number) => boolean

export interface Trimmed {
  /** How many files and folders. */
  removed: number
  /** Paths of the first few. */
  first: string[]
}
const NAMED = 5
const MAX_PATH_CHARS = 200

/** What it holds; null: more than the limits. Looks at no more than it needs to know that. */
export async function weigh(root: Folder, limits: FolderLimits): Promise<Weight | null> {
  let bytes = 0
  let entries = 0
  const over = Symbol('over')
  const count: Visit = async (entry) => {
    entries++
    bytes += entry.bytes
    if (entries > limits.entries || bytes > limits.bytes) throw over
  }
  const tooDeep = async () => {
    throw over
  }
  try {
    await walk(root, { depth: limits.depth, visit: count, tooDeep })
    return { bytes, entries }
  } catch (error) {
    if (error === over) return null
    throw error
  }
}

/**
 * Removes what was changed last until the rest is within the limits. `isKept`: files that stay whatever happens.
 * Nobody else may write meanwhile.
 */
export async function trim(root: Folder, limits: FolderLimits, isKept: Which = () => false): Promise<Trimmed> {
  const trimmed: Trimmed = { removed: 0, first: [] }
  const removed = (path: string) => {
    if (++trimmed.removed <= NAMED) trimmed.first.push(path.slice(0, MAX_PATH_CHARS))
  }
  let all: Aged[] = []
  const most = limits.entries + 1 // of the oldest; whatever there is beside those goes
  await walk(root, {
    depth: limits.depth,
    isKept,
    async visit({ bytes, changedMs }) {
      // so that millions of entries are neither held nor sorted at once
      if (all.push({ bytes, changedMs }) >= 2 * most) all = oldestFirst(all).slice(0, most)
    },
    async tooDeep(folder, name, path) {
      const deep = await folder.walk([name])
      await empty(deep).finally(() => deep.close())
      await rmdir(folder.entry(name))
      removed(path)
    },
  })
  const endMs = firstTooMany(all, limits)
  await walk(root, {
    depth: limits.depth,
    isKept,
    async visit({ folder, name, path, isFolder, changedMs }) {
      if (changedMs < endMs) return
      const gone = isFolder ? await rmdir(folder.entry(name)).then(yes, no) : await folder.remove(name).then(yes, no)
      if (gone) removed(path)
    },
  })
  return trimmed
}

type Aged = Pick<Entry, 'bytes' | 'changedMs'>
const oldestFirst = (all: Aged[]): Aged[] => all.toSorted((a, b) => a.changedMs - b.changedMs)

/** When the entry was changed that is the first one too many, oldest first. */
function firstTooMany(all: Aged[], limits: FolderLimits): number {
  let bytes = 0
  for (const [at, entry] of oldestFirst(all).entries()) {
    bytes += entry.bytes
    if (at >= limits.entries || bytes > limits.bytes) return entry.changedMs
  }
  return Infinity
}

interface Walk {
  depth: number
  /** Each entry after those inside it. */
  visit: Visit
  /** Gets folders at the last level that have something in them. */
  tooDeep?(folder: Folder, name: Name, path: string): Promise<void>
  /** Files that count as old. */
  isKept?: Which
}

/** Returns when the oldest entry was changed. */
async function walk(root: Folder, how: Walk, prefix = ''): Promise<number> {
  const { depth, visit, tooDeep, isKept } = how
  let oldestMs = Infinity
  for await (const name of root.each()) {
    const found = await root.look(name)
    if (!found) continue // gone meanwhile
    const path = `${prefix}${name}`
    let changedMs = !found.isFolder && isKept?.(path, found.bytes) ? 0 : found.changedMs
    if (found.isFolder) {
      const inner = await enter(root, name)
      if (!inner) continue
      try {
        if (depth > 1) changedMs = Math.min(changedMs, await walk(inner, { ...how, depth: depth - 1 }, `${path}/`))
        else if (tooDeep && (await inner.some(1)).length > 0) {
          await tooDeep(root, name, path)
          continue
        }
      } finally {
        await inner.close()
      }
    }
    oldestMs = Math.min(oldestMs, changedMs)
    await visit({ folder: root, name, path, ...found, changedMs })
  }
  return oldestMs
}

/** A creator can make a folder that its owner may not enter. Undefined: it is none any more. */
async function enter(folder: Folder, name: Name): Promise<Folder | undefined> {
  try {
    return await folder.walk([name])
  } catch (error) {
    if (!(error instanceof FileError)) throw error
  }
  await folder.unlock(name)
  return folder.walk([name]).catch(() => undefined)
}

const yes = () => true
const no = () => false // it holds what stays, or it is gone
