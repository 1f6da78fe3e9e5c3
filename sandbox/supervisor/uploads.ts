// Creators' folders that they reach over SFTP stay within what a creator may put there, in one game and in all of them together: looked at
// while anybody is connected, what has changed first. A folder that has too much is closed, rid of what came last, and opened again.
import { setTimeout as delay } from 'node:timers/promises'
import type { Logger } from 'pino'
import { Allowance, amount, type Save } from './allowance.ts'
import { FileError, Folder } from './folder.ts'
import type { Sftp } from './sftp.ts'
import { type Trimmed, trim, type Weight } from './trim.ts'
import { Weighings, type WeighingsOptions } from './weighings.ts'

const PAUSE_MS = 2_000 // of a disk that takes 100 MiB a second, twice what a folder may have
const SHARE = 10 // for each second of looking at a creator's folders, so many of not looking
const MAX_PAUSE_MS = 5_000 // but no more: a creator does not make us blind by having much
const REST_MS = 500 // of a creator's folders in which nothing is known to have changed, so much at a time, and one in any case

export interface UploadsOptions extends Pick<WeighingsOptions, 'folder' | 'limits' | 'restoredMs'> {
  sftp: Pick<Sftp, 'reach' | 'close' | 'open'>
  /** All of this node. */
  games(): string[]
  /** Creators take turns, however many games one has. */
  ownerOf(game: string): string
  /** Of all games of a creator together. */
  ofCreator: Weight
  /** Whether anybody is connected. */
  isBusy(): boolean
  /** To the game's creator. */
  tell(game: string, text: string): void
  log: Logger
  pauseMs?: number
  restMs?: number
}

type Due = { game: string; isFirst: boolean; isClosed: boolean }

export class Uploads {
  #options: UploadsOptions
  #stop = new AbortController()
  #loop: Promise<void>
  #allowance: Allowance
  #weighings: Weighings
  #changed = new Set<string>()
  #reached = new Map<string, { isClosed: boolean }>() // closed by a supervisor that was killed over it, or at this moment
  #busyMs = performance.now() // when somebody may have been connected last
  #dueMs = new Map<string, number>() // creators
  #tended = new Map<string, Promise<void>>()

  constructor(options: UploadsOptions) {
    this.#options = options
    this.#allowance = new Allowance(options.limits, options.ofCreator)
    this.#weighings = new Weighings({
      ...options,
      allowance: this.#allowance,
      isOver: (game) => this.changed(game),
      failed: (game, error) => {
        this.changed(game) // it is tried again
        options.log.error({ game, error }, 'folder not measured')
      },
      signal: this.#stop.signal,
    })
    this.#loop = this.#run()
  }

  /** The game was just made from an example. */
  created(game: string): void {
    this.#allowance.created(game)
  }

  /** Something in the game's folder has changed, as far as anybody knows: it is looked at next. */
  changed(game: string): void {
    this.#changed.add(game)
  }

  /** Around what writes a file for the editor: what is saved is never taken away again. Throws FileError when there is no room for it. */
  async saving<T>(game: string, save: Save, act: () => Promise<T>): Promise<T> {
    const { tell, limits, ofCreator, ownerOf } = this.#options
    const owner = ownerOf(game)
    const games = this.#options.games().filter((one) => ownerOf(one) === owner)
    const isKnown = games.every((one) => this.#allowance.atMs(one) !== undefined)
    let end = isKnown ? this.#allowance.save(game, games, save) : undefined
    if (!end) {
      await this.#weighings.all(owner, games)
      end = this.#allowance.save(game, games, save)
    }
    if (!end) {
      const most = `A game's folder may hold ${amount(limits)}, hidden ones too, and all games of a creator together ${amount(ofCreator)}`
      tell(game, `${save.path} was not saved: with it there would be too much. ${most}. Remove something first.`)
      throw new FileError('too-large')
    }
    try {
      return await act()
    } finally {
      end()
    }
  }

  /** Resolves when all that is being looked at now has been, and what was too much is gone. */
  async idle(): Promise<void> {
    await Promise.all(this.#tended.values())
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort()
    await this.#loop
    await this.idle()
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop
    const { games, ownerOf, isBusy, pauseMs = PAUSE_MS } = this.#options
    let wasBusy = true // before our start somebody may have been
    while (!signal.aborted) {
      const busy = isBusy()
      if (busy || wasBusy) this.#busyMs = performance.now() // what came after the last look, too
      wasBusy = busy
      const all = games()
      this.#notice(new Set(all))
      for (const [owner, theirs] of Map.groupBy(all, ownerOf)) this.#begin(owner, theirs)
      await delay(pauseMs, undefined, { signal }).catch(() => {})
    }
  }

  /** Which games there are, and which of them sessions reach. */
  #notice(games: ReadonlySet<string>): void {
    const before = this.#reached
    this.#reached = new Map(this.#options.sftp.reach().map(({ game, isClosed }) => [game, { isClosed }]))
    for (const game of before.keys()) if (!this.#reached.has(game)) this.#changed.add(game) // what came last, nobody has seen
    for (const game of this.#changed) if (!games.has(game)) this.#changed.delete(game)
    this.#allowance.only(games)
    this.#weighings.only(games)
  }

  #begin(owner: string, games: string[]): void {
    if (this.#tended.has(owner) || performance.now() < (this.#dueMs.get(owner) ?? 0)) return
    const due = games.flatMap((game) => this.#due(game) ?? [])
    if (due.length === 0) return
    const work = this.#tend(owner, games, due).finally(() => this.#tended.delete(owner))
    this.#tended.set(owner, work)
  }

  /** A game is looked at once, so that we know what it has, and then when something may have come. */
  #due(game: string): Due | undefined {
    const reached = this.#reached.get(game)
    const isClosed = reached?.isClosed ?? false
    const isFirst = isClosed || this.#changed.has(game)
    const atMs = this.#allowance.atMs(game)
    const isDue = isFirst || atMs === undefined || (reached !== undefined && atMs <= this.#busyMs)
    return isDue ? { game, isFirst, isClosed } : undefined
  }

  /** All folders that are known to have changed; then, as long as their own time lasts, the rest: first what was not looked at for longest. */
  async #tend(owner: string, games: string[], due: Due[]): Promise<void> {
    const { pauseMs = PAUSE_MS, restMs = REST_MS } = this.#options
    const looked = new Map<string, Weight>()
    const look = async (list: Due[], maxMs = Infinity) => {
      let tookMs = 0
      for (const one of list) {
        if (tookMs > maxMs) break
        tookMs += await this.#weighings.turn(owner, one.game, async () => {
          looked.set(one.game, await this.#look(owner, one))
        })
      }
      return tookMs
    }
    const atMs = ({ game }: Due) => this.#allowance.atMs(game) ?? -1
    const rest = due.filter(({ isFirst }) => !isFirst).toSorted((a, b) => atMs(a) - atMs(b))
    let tookMs = await look(due.filter(({ isFirst }) => isFirst))
    tookMs += await look(rest, restMs)
    tookMs += await this.#settle(owner, games, looked)
    this.#dueMs.set(owner, performance.now() + Math.max(pauseMs, Math.min(MAX_PAUSE_MS, SHARE * tookMs)))
  }

  /** What it holds then, which is no more than a game may hold. */
  async #look(owner: string, { game, isClosed }: Due): Promise<Weight> {
    this.#changed.delete(game)
    const weight = await this.#weighings.weigh(game)
    if (!weight || isClosed) await this.#reduce(owner, game, (found) => (found ? undefined : this.#options.limits))
    return this.#allowance.weight(game)
  }

  /** Of a creator who has too much in all, games that were looked at give up what they have grown by; what remains has come to stay. */
  async #settle(owner: string, games: string[], looked: Map<string, Weight>): Promise<number> {
    const allowance = this.#allowance
    const hasGrown = (game: string) => allowance.hasGrown(game)
    let tookMs = 0
    if (isSome(allowance.surplus(games)) && looked.keys().some(hasGrown)) {
      tookMs += await this.#weighings.all(owner, games) // in others there may be less by now
      let surplus = allowance.surplus(games, looked)
      for (const game of [...looked.keys()].filter(hasGrown)) {
        if (!isSome(surplus)) break
        const before = allowance.weight(game)
        let isDone = false
        tookMs += await this.#weighings.turn(owner, game, async () => {
          await this.#reduce(owner, game, (found) => found && allowance.fewer(game, surplus), true)
          isDone = true
        })
        if (!isDone) looked.delete(game)
        surplus = minus(surplus, minus(before, allowance.weight(game)))
      }
    }
    if (!this.#stop.signal.aborted) for (const [game, weight] of looked) allowance.accept(game, weight)
    return tookMs
  }

  /** Closes it, removes what came last until it holds no more than `most` says, and opens it. */
  async #reduce(
    owner: string,
    game: string,
    most: (found: Weight | null) => Weight | null | undefined,
    isCreators = false,
  ): Promise<void> {
    const { sftp, folder, limits, log } = this.#options
    let gone: Trimmed | undefined
    await sftp.close(game)
    try {
      const fewer = most(await this.#weighings.weigh(game))
      if (fewer) {
        await using root = await Folder.open(folder(game))
        const isSaved = (path: string, bytes: number) => this.#allowance.isSaved(game, path, bytes)
        gone = await trim(root, { ...fewer, depth: limits.depth }, isSaved)
        await this.#weighings.weigh(game)
      }
    } finally {
      await sftp.open(game)
    }
    if (!gone?.removed) return
    log.warn({ game, owner, isCreators, ...gone }, 'folder had too much in it')
    this.#tell(game, gone, isCreators)
  }

  #tell(game: string, { removed, first }: Trimmed, isCreators: boolean): void {
    const { limits, ofCreator, tell } = this.#options
    const most = isCreators
      ? `all games of a creator together may hold (${amount(ofCreator)})`
      : `a game's folder may hold (${amount(limits)}, ${limits.depth} folders deep)`
    const names = first.map((path) => JSON.stringify(path)).join(', ') + (removed > first.length ? ', ...' : '')
    tell(
      game,
      `More was uploaded than ${most}. What came last was removed: ${removed} files and folders (${names}). SFTP sessions were closed; connect again.`,
    )
  }
}

const isSome = ({ bytes, entries }: Weight): boolean => bytes > 0 || entries > 0
const minus = (a: Weight, b: Weight): Weight => ({ bytes: a.bytes - b.bytes, entries: a.entries - b.entries })
