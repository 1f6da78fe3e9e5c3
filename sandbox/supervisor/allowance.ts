// What a creator's games hold as far as is known, and what of it stays although all together hold too much: what lay there before they did,
// and what the editor saved. Only what has come on top of that goes.
import type { FolderLimits, Weight } from './trim.ts'

const NOTHING: Weight = { bytes: 0, entries: 0 }
const NEW_GAME: Weight = { bytes: 2 ** 20, entries: 100 } // a game begins with an example, however much its creator has
const KINDS = ['bytes', 'entries'] as const

/** A file that the editor saves. */
export interface Save {
  path: string
  /** Of the file from then on. */
  bytes: number
  /** What the folder grows by. */
  more: Weight
}
/** `counted`: a weighing has begun since it was over, so what was weighed has it in it. */
type Saved = Save & { state: 'going on' | 'over' | 'counted' }

/** That a folder is being weighed, and what had been saved into it by then. */
export interface Weighing {
  game: string
  atMs: number
  saved: Saved[]
}

interface Held {
  /** When it was weighed last. */
  weight: Weight
  /** So much of that stays. */
  kept: Weight
  /** Since what is in `kept` was accepted. */
  saved: Set<Saved>
  /** When the last weighing began. */
  atMs: number
}

export class Allowance {
  #limits: FolderLimits
  #ofCreator: Weight
  #held = new Map<string, Held>()

  /** `limits` of one game, `ofCreator` of all games of one creator. */
  constructor(limits: FolderLimits, ofCreator: Weight) {
    this.#limits = limits
    this.#ofCreator = ofCreator
  }

  /** The game is new: what it has beyond an example is not what lay there before. */
  created(game: string): void {
    this.#held.set(game, { weight: NEW_GAME, kept: NEW_GAME, saved: new Set(), atMs: -1 })
  }

  /** Forgets all games but these. */
  only(games: ReadonlySet<string>): void {
    for (const game of this.#held.keys()) if (!games.has(game)) this.#held.delete(game)
  }

  /** When the game's last weighing began; undefined: never. */
  atMs(game: string): number | undefined {
    return this.#held.get(game)?.atMs
  }

  weight(game: string): Weight {
    return this.#held.get(game)?.weight ?? NOTHING
  }

  begin(game: string): Weighing {
    const saved = [...(this.#held.get(game)?.saved ?? [])].filter(({ state }) => state === 'over')
    return { game, atMs: performance.now(), saved }
  }

  /** What a game has that is weighed for the first time lay there before. */
  end({ game, atMs, saved }: Weighing, weight: Weight): void {
    const held = this.#held.get(game)
    if (!held) return void this.#held.set(game, { weight, kept: weight, saved: new Set(), atMs })
    for (const one of saved) {
      if (one.state === 'over') held.kept = plus(held.kept, one.more)
      one.state = 'counted'
    }
    held.weight = weight
    held.kept = each((kind) => Math.min(held.kept[kind], weight[kind])) // what its creator removed, another game may have
    held.atMs = atMs
  }

  /** So much of what it holds stays from now on. */
  accept(game: string, weight: Weight = this.weight(game)): void {
    const held = this.#held.get(game)
    if (!held) return
    held.kept = each((kind) => Math.max(held.kept[kind], Math.min(weight[kind], held.weight[kind])))
    if (this.hasGrown(game)) return // by what may be older than what was saved, which must not go in its place
    for (const one of held.saved) if (one.state === 'counted') held.saved.delete(one)
  }

  /** More was put into it than stays, if its creator has too much. */
  hasGrown(game: string): boolean {
    const kept = this.#kept(game)
    return KINDS.some((kind) => this.weight(game)[kind] > kept[kind])
  }

  /** By how much the games hold too much together; of a game that was lighter at an `earlier` time, what it was then. */
  surplus(games: string[], earlier: ReadonlyMap<string, Weight> = new Map()): Weight {
    const sum = (kind: keyof Weight) =>
      games.reduce((all, game) => {
        const weight = this.weight(game)[kind]
        return all + Math.min(weight, earlier.get(game)?.[kind] ?? weight)
      }, 0)
    return each((kind) => Math.max(0, sum(kind) - this.#ofCreator[kind]))
  }

  /** What the game may hold when its creator has a surplus: it gives up what it has grown by, as far as that is the surplus. Undefined: all. */
  fewer(game: string, surplus: Weight): Weight | undefined {
    const [kept, weight] = [this.#kept(game), this.weight(game)]
    const fewer = each((kind) => Math.min(weight[kind], Math.max(kept[kind], weight[kind] - surplus[kind])))
    return KINDS.some((kind) => fewer[kind] < weight[kind]) ? fewer : undefined
  }

  /**
   * Makes room for what the editor is about to save: that stays, whatever comes over SFTP. Returns what to call when it is saved, or is not
   * after all. Undefined: it would be too much, as far as is known. `games` are all of its creator.
   */
  save(game: string, games: string[], save: Save): (() => void) | undefined {
    const own = this.#expected(game)
    const all = games.map((one) => this.#expected(one)).reduce(plus, NOTHING)
    const fits = (kind: keyof Weight) =>
      own[kind] + save.more[kind] <= this.#limits[kind] && all[kind] + save.more[kind] <= this.#ofCreator[kind]
    if (KINDS.some((kind) => save.more[kind] > 0 && !fits(kind))) return
    const more = each((kind) => Math.max(0, save.more[kind])) // what goes is seen when it has gone
    const saved: Saved = { ...save, more, state: 'going on' }
    this.#held.get(game)?.saved.add(saved)
    return () => {
      saved.state = 'over'
    }
  }

  /** Whether a file is what the editor saved, as far as its size says: a larger one in its place is not. */
  isSaved(game: string, path: string, bytes: number): boolean {
    return (
      this.#held
        .get(game)
        ?.saved.values()
        .some((one) => one.path === path && one.bytes === bytes) ?? false
    )
  }

  #kept(game: string): Weight {
    return this.#withSaved(game, this.#held.get(game)?.kept ?? NOTHING)
  }

  #expected(game: string): Weight {
    return this.#withSaved(game, this.weight(game))
  }

  #withSaved(game: string, weight: Weight): Weight {
    const saved = [...(this.#held.get(game)?.saved ?? [])].filter(({ state }) => state !== 'counted')
    return saved.map(({ more }) => more).reduce(plus, weight)
  }
}

function each(of: (kind: keyof Weight) => number): Weight {
  return { bytes: of('bytes'), entries: of('entries') }
}
const plus = (a: Weight, b: Weight): Weight => each((kind) => a[kind] + b[kind])

/** In words. */
export const amount = ({ bytes, entries }: Weight): string => `${bytes / 2 ** 20} MiB, ${entries} files and folders`
