// Which games may run at the same time. When there is no place, the one that nobody has used for longest gives way; games with rooms stay.

/** `page`: somebody has opened its address. `room`: somebody wants to play, as the website says, which knows whom it asks for. */
export type Demand = 'page' | 'room'

export interface Contender {
  readonly id: string
  /** Since when nobody uses it, by the clock of `Date.now`; undefined while it has rooms or somebody waits for one. */
  idleSinceMs(): number | undefined
  /** Resolves when its process is gone. */
  stop(): Promise<void>
}

export type NoPlace = { ok: false; reason: 'node-full' | 'creator-full'; why: string }
/** `free` resolves when whoever had it before is gone. `leave` gives it back. */
export type Place = { ok: true; free: Promise<void>; leave(): void }

const OF_CREATOR = 1 / 2 // of all places, at most, for the games of one creator
const FOR_FIRST = 1 / 4 // of all places, at least one: the last ones are for creators none of whose games runs
const FOR_PAGES = 1 / 2 // of all places: beyond that, nothing starts because a page was opened
export const RETRY_MS = 30_000 // when there may be a place

const NODE_FULL: NoPlace = {
  ok: false,
  reason: 'node-full',
  why: 'So many games are being played here that this one cannot start now. Try again in a few minutes.',
}
const CREATOR_FULL: NoPlace = {
  ok: false,
  reason: 'creator-full',
  why: 'So many games of the same creator are being played that this one cannot start now. Try again in a few minutes.',
}
const NOT_PLAYED: NoPlace = {
  ok: false,
  reason: 'node-full',
  why: 'This game does not run now. Press Play on its page on the site to start it.',
}

export class Places {
  #max: number
  #ownerOf: (game: string) => string
  #taken = new Map<string, { game: Contender }>()

  /** `max` games at once. */
  constructor(max: number, ownerOf: (game: string) => string) {
    this.#max = max
    this.#ownerOf = ownerOf
  }

  /** A place for a game that has none, or why not. An opened page takes none from anybody. */
  take(game: Contender, demand: Demand): Place | NoPlace {
    const owner = this.#ownerOf(game.id)
    const all = [...this.#taken.values()].map((one) => one.game)
    const own = all.filter(({ id }) => this.#ownerOf(id) === owner)
    const creatorIsFull = own.length >= this.#part(OF_CREATOR)
    if (demand === 'page' && (creatorIsFull || all.length >= this.#part(FOR_PAGES))) return NOT_PLAYED
    const forOthers = own.length > 0 ? this.#part(FOR_FIRST) : 0
    if (!creatorIsFull && all.length < this.#max - forOthers) return this.#give(game, Promise.resolve())
    const idle = longestIdle(creatorIsFull ? own : all)
    if (!idle) return creatorIsFull ? CREATOR_FULL : NODE_FULL
    this.#taken.delete(idle.id) // now, so that the next one who asks does not count on it too
    return this.#give(game, idle.stop())
  }

  #part(share: number): number {
    return Math.max(1, Math.floor(this.#max * share))
  }

  #give(game: Contender, free: Promise<void>): Place {
    const held = { game }
    this.#taken.set(game.id, held)
    const leave = () => {
      if (this.#taken.get(game.id) === held) this.#taken.delete(game.id)
    }
    return { ok: true, free, leave }
  }
}

function longestIdle(games: Contender[]): Contender | undefined {
  let longest: { game: Contender; sinceMs: number } | undefined
  for (const game of games) {
    const sinceMs = game.idleSinceMs()
    if (sinceMs !== undefined && (!longest || sinceMs < longest.sinceMs)) longest = { game, sinceMs }
  }
  return longest?.game
}
