// Seats players at an example game and drives its functions one by one, in the order in which a game host calls them.

import type { Json, Player } from '@sandlot/shared/protocol/messages.ts'
import { Stream } from '@sandlot/shared/protocol/packed/stream.ts'

// biome-ignore lint/suspicious/noExplicitAny: the games are plain JavaScript, and each has a state of its own
export type State = any
export interface Game {
  setup(context: { random: () => number }): State
  join(state: State, player: Player, room: object): void
  leave(state: State, player: Player, room: object): void
  actions: Record<string, (state: State, player: Player, data: unknown, room: object) => void>
  tick?(state: State, room: object): void
}

export const load = async (name: string): Promise<Game> => import(new URL(`./${name}/server.js`, import.meta.url).href)

/** mulberry32: equal seeds give equal sequences. */
export function seededRandom(seed: number): () => number {
  let a = seed >>> 0
  return () => {
    a = (a + 0x6d2b79f5) >>> 0
    let t = Math.imul(a ^ (a >>> 15), a | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}

/** Where a value is not plain JSON as it stands: NaN, undefined, a class instance. Undefined when it is plain all through. */
export function impurity(value: unknown, path = 'state'): string | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? undefined : `${path} is ${value}`
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return undefined
  if (typeof value !== 'object') return `${path} is ${typeof value}`
  const prototype = Object.getPrototypeOf(value)
  if (!Array.isArray(value) && prototype !== Object.prototype) return `${path} is an instance of a class`
  for (const [key, inner] of Object.entries(value)) {
    const found = impurity(inner, `${path}.${key}`)
    if (found) return found
  }
  return undefined
}

export class Table {
  readonly game: Game
  readonly state: State
  readonly players: Player[] = []
  readonly store = new Map<string, unknown>()
  readonly #shadow: Stream
  readonly room: { frame: number; tickRate: number; random: () => number; players: Player[]; store: object }
  #seats = 0

  constructor(game: Game, seed = 1, store = new Map<string, unknown>()) {
    const random = seededRandom(seed)
    this.game = game
    this.store = store
    this.room = {
      frame: 0,
      tickRate: 20,
      random,
      players: this.players,
      store: {
        get: (key: string) => structuredClone(store.get(key)),
        set: (key: string, value: unknown) => store.set(key, structuredClone(value)),
      },
    }
    this.state = game.setup({ random })
    this.#shadow = new Stream(this.state)
  }

  join(name: string): Player {
    const player = { id: `p${String(++this.#seats).padStart(19, '0')}`, name }
    this.players.push(player)
    this.game.join(this.state, player, this.room)
    return player
  }

  leave(player: Player): void {
    this.players.splice(this.players.indexOf(player), 1)
    this.game.leave(this.state, player, this.room)
  }

  /** Throws what the action throws. Data arrives as a copy, as it does over a wire. */
  act(player: Player, action: string, data: unknown = null): void {
    this.game.actions[action]!(this.state, player, structuredClone(data), this.room)
  }

  tick(times = 1): void {
    for (let i = 0; i < times; i++) {
      this.room.frame++
      this.game.tick?.(this.state, this.room)
    }
  }

  /** What a player who followed every delta has on the screen. Throws StateError when the state cannot be sent. */
  sent(): Json {
    this.#shadow.diff(this.state)
    this.#shadow.commit()
    return this.#shadow.copy()
  }
}
