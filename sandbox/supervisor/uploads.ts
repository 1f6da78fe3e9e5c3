// Creators' folders that they reach over SFTP stay within what a creator may put there, in one game and in all of them together: looked at
// while anybody is connected, what has changed first. A folder that has too much is closed, rid of what came last, and opened again.
import { setTimeout as delay } from 'node:timers/promises'
import type { Logger } from 'pino'
import { Folder } from './folder.ts'
import type { Sftp } from './sftp.ts'
import { Slots } from './slots.ts'
import { type FolderLimits, trim, type Weight, weigh } from './trim.ts'

const PAUSE_MS = 2_000 // of a disk that takes 100 MiB a second, twice what a folder may have
const SHARE = 10 // for each second of looking at a creator's folders, so many of not looking
const MAX_PAUSE_MS = 5_000 // but no more: a creator does not make us blind by having much
const AT_ONCE = 2 // creators
const REST_MS = 500 // of a creator's folders in which nothing is known to have changed, so much at a time
const NEW_GAME: Weight = { bytes: 2 ** 20, entries: 100 } // a game begins with an example, however much its creator has

export interface UploadsOptions {
  sftp: Pick<Sftp, 'reach' | 'close' | 'open'>
  folder(game: string): string
  /** Creators take turns, however many games one has. */
  ownerOf(game: string): string
  /** Of one game. */
  limits: FolderLimits
  /** Of all games of a creator together. */
  ofCreator: Weight
  /** Whether anybody is connected. */
  isBusy(): boolean
  /** To the game's creator. */
  tell(game: string, text: string): void
  log: Logger
  pauseMs?: number
}

interface Seen {
  weight: Weight
  atMs: number
}
interface Reached {
  game: string
  /** By a supervisor that was killed over it. */
  isClosed: boolean
}

export class Uploads {
  #options: UploadsOptions
  #stop = new AbortController()
  #loop: Promise<void>
  #slots = new Slots(AT_ONCE)
  #seen = new Map<string, Seen>()
  #old: Set<string> // games that were there before we looked: what they hold then is not taken away for their creator's sake
  #changed = new Set<string>()
  #busyMs = performance.now() // when somebody was connected last; before our start somebody may have been
  #dueMs = new Map<string, number>() // creators
  #tended = new Map<string, Promise<void>>()

  constructor(options: UploadsOptions) {
    this.#options = options
    this.#old = new Set(options.sftp.reach().map(({ game }) => game))
    this.#loop = this.#run()
  }

  /** Something in the game's folder has changed, as far as anybody knows: it is looked at next. */
  changed(game: string): void {
    this.#changed.add(game)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort()
    await this.#loop
    await Promise.all(this.#tended.values())
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop
    const { sftp, ownerOf, isBusy, pauseMs = PAUSE_MS } = this.#options
    while (!signal.aborted) {
      if (isBusy()) this.#busyMs = performance.now()
      const reached = sftp.reach()
      this.#forget(reached)
      for (const [owner, folders] of Map.groupBy(reached, ({ game }) => ownerOf(game))) this.#begin(owner, folders)
      await delay(pauseMs, undefined, { signal }).catch(() => {})
    }
  }

  #begin(owner: string, folders: Reached[]): void {
    if (this.#tended.has(owner) || performance.now() < (this.#dueMs.get(owner) ?? 0)) return
    const waiting = folders.filter((one) => one.isClosed || this.#isWaiting(one.game))
    if (waiting.length === 0) return
    const work = this.#tend(owner, waiting).finally(() => this.#tended.delete(owner))
    this.#tended.set(owner, work)
  }

  #isWaiting(game: string): boolean {
    return this.#changed.has(game) || (this.#seen.get(game)?.atMs ?? 0) <= this.#busyMs
  }

  /** All folders that are known to have changed, and of the rest those first that were not looked at for longest. */
  async #tend(owner: string, folders: Reached[]): Promise<void> {
    const rank = ({ game, isClosed }: Reached) =>
      isClosed || this.#changed.has(game) ? -1 : (this.#seen.get(game)?.atMs ?? 0)
    let tookMs = 0
    for (const one of folders.toSorted((a, b) => rank(a) - rank(b))) {
      if (this.#stop.signal.aborted) return
      if (tookMs > REST_MS && rank(one) >= 0) break
      await this.#slots.with(owner, async () => {
        const startMs = performance.now()
        await this.#look(owner, one).catch((error) =>
          this.#options.log.error({ game: one.game, error }, 'folder not measured'),
        )
        tookMs += performance.now() - startMs
      })
    }
    const { pauseMs = PAUSE_MS } = this.#options
    this.#dueMs.set(owner, performance.now() + Math.max(pauseMs, Math.min(MAX_PAUSE_MS, SHARE * tookMs)))
  }

  async #look(owner: string, { game, isClosed }: Reached): Promise<void> {
    const { sftp, folder, limits, log } = this.#options
    this.#changed.delete(game)
    const atMs = performance.now()
    await using root = await Folder.open(folder(game))
    let weight = await weigh(root, limits)
    const surplus = { ofGame: 0, ofCreator: 0 }
    if (isClosed || !weight || this.#fewer(owner, game, weight)) {
      await sftp.close(game)
      try {
        surplus.ofGame = weight ? 0 : await trim(root, limits)
        weight ??= await weigh(root, limits)
        const fewer = weight && this.#fewer(owner, game, weight)
        if (fewer) {
          surplus.ofCreator = await trim(root, { ...fewer, depth: limits.depth })
          weight = await weigh(root, limits)
        }
      } finally {
        await sftp.open(game)
      }
    }
    if (weight) this.#seen.set(game, { weight, atMs })
    const removed = surplus.ofGame + surplus.ofCreator
    if (removed === 0) return
    log.warn({ game, owner, ...surplus }, 'folder had too much in it')
    this.#tell(game, removed, surplus.ofCreator > 0)
  }

  #tell(game: string, removed: number, isCreators: boolean): void {
    const { limits, ofCreator, tell } = this.#options
    const most = isCreators
      ? `all games of a creator together may hold (${amount(ofCreator)})`
      : `a game's folder may hold (${amount(limits)}, ${limits.depth} folders deep)`
    tell(
      game,
      `More was uploaded than ${most}. What came last was removed: ${removed} files and folders. SFTP sessions were closed; connect again.`,
    )
  }

  /** What the folder may keep when its creator has too much in all: it gives up what it has grown by, as far as that is the surplus. */
  #fewer(owner: string, game: string, weight: Weight): Weight | undefined {
    const { ownerOf, ofCreator } = this.#options
    const all = { ...weight }
    for (const [other, seen] of this.#seen) {
      if (other === game || ownerOf(other) !== owner) continue
      all.bytes += seen.weight.bytes
      all.entries += seen.weight.entries
    }
    const before = this.#seen.get(game)?.weight ?? (this.#old.has(game) ? weight : NEW_GAME)
    const kept = (kind: keyof Weight) =>
      Math.max(Math.min(before[kind], weight[kind]), weight[kind] - Math.max(0, all[kind] - ofCreator[kind]))
    const fewer = { bytes: kept('bytes'), entries: kept('entries') }
    return fewer.bytes < weight.bytes || fewer.entries < weight.entries ? fewer : undefined
  }

  #forget(reached: Reached[]): void {
    const here = new Set(reached.map(({ game }) => game))
    for (const game of this.#seen.keys()) if (!here.has(game)) this.#seen.delete(game)
    for (const game of this.#old) if (!here.has(game)) this.#old.delete(game)
    for (const game of this.#changed) if (!here.has(game)) this.#changed.delete(game)
  }
}

/** In words. */
export const amount = ({ bytes, entries }: Weight): string => `${bytes / 2 ** 20} MiB, ${entries} files and folders`
