// Weighs creators' folders, one of a creator at a time, and creators in turn; what is found is kept in their allowance.
import { basename, dirname } from 'node:path'
import type { Allowance } from './allowance.ts'
import { FileError, Folder } from './folder.ts'
import { Locks } from './locks.ts'
import { Slots } from './slots.ts'
import { type FolderLimits, type Weight, weigh } from './trim.ts'

const AT_ONCE = 2 // creators

export interface WeighingsOptions {
  allowance: Allowance
  folder(game: string): string
  limits: FolderLimits
  /**
   * When the operator last put files of a copy into the folder, in milliseconds since 1970, later than now: is doing so; 0: never. Those are
   * no upload.
   */
  restoredMs(game: string): Promise<number>
  /** It holds more than a game may. */
  isOver(game: string): void
  failed(game: string, error: unknown): void
  /** Ends what waits for its turn. */
  signal: AbortSignal
}

export class Weighings {
  #options: WeighingsOptions
  #slots = new Slots(AT_ONCE)
  #locks = new Locks() // creators
  #restoredMs = new Map<string, number>() // as it was at the last weighing

  constructor(options: WeighingsOptions) {
    this.#options = options
  }

  /** Does `act` about the game when it is this creator's turn; not at all when we are about to stop. Returns how long that took, in ms. */
  turn(owner: string, game: string, act: () => Promise<void>): Promise<number> {
    const { signal, failed } = this.#options
    return this.#slots.with(owner, async () => {
      if (signal.aborted) return 0
      const startMs = performance.now()
      await act().catch((error) => failed(game, error))
      return performance.now() - startMs
    })
  }

  /** Only in a turn. Null: more than a game may hold. */
  async weigh(game: string): Promise<Weight | null> {
    const { allowance, folder, limits, restoredMs, isOver } = this.#options
    const restored = await restoredMs(game)
    const weighing = allowance.begin(game)
    const root = await enter(folder(game))
    const weight = root ? await weigh(root, limits).finally(() => root.close()) : { bytes: 0, entries: 0 }
    if (!weight) isOver(game)
    allowance.end(weighing, weight ?? { bytes: limits.bytes, entries: limits.entries })
    if (restored > Date.now() || restored !== (this.#restoredMs.get(game) ?? 0)) allowance.accept(game)
    this.#restoredMs.set(game, restored)
    return weight
  }

  /** All of a creator's games as they are now, or were after this was asked. Returns how long that took, in ms. */
  all(owner: string, games: string[]): Promise<number> {
    const askedMs = performance.now()
    return this.#locks.with(owner, async () => {
      let tookMs = 0
      for (const game of games) {
        if ((this.#options.allowance.atMs(game) ?? -1) >= askedMs) continue // for somebody else who asked
        tookMs += await this.turn(owner, game, async () => void (await this.weigh(game)))
      }
      return tookMs
    })
  }

  /** Forgets all games but these. */
  only(games: ReadonlySet<string>): void {
    for (const game of this.#restoredMs.keys()) if (!games.has(game)) this.#restoredMs.delete(game)
  }
}

/** Also when its creator lets nobody read it. Undefined: somebody deleted it. */
async function enter(path: string): Promise<Folder | undefined> {
  try {
    return await Folder.open(path)
  } catch (error) {
    if (!(error instanceof FileError)) throw error
    if (error.reason === 'no-such-file') return
  }
  await using parent = await Folder.open(dirname(path))
  await parent.unlock(basename(path))
  return await Folder.open(path)
}
