// All that makes up the room inside its isolate. Module scope: no path leads here from the creator's code.

import type { Json, Player } from '@sandlot/shared/protocol/messages.ts'
import type { Stream } from '@sandlot/shared/protocol/packed/stream.ts'
import type { Limits } from '../frame.ts'
import { Players } from './players.ts'
import { Store } from './store.ts'

/** What a creator may export from server.js. */
export interface Game {
  setup?(context: { options: Json; random: () => number }): unknown
  join?(state: unknown, player: Player, room: unknown): unknown
  leave?(state: unknown, player: Player, room: unknown): unknown
  host?(state: unknown, player: Player, room: unknown): unknown
  actions?: Record<string, (state: unknown, player: Player, data: Json, room: unknown) => unknown>
  tick?(state: unknown, room: unknown): unknown
  view?(state: unknown, player: Player): unknown
  migrate?(state: unknown, context: { fromBuild: string }): unknown
}

/** A message, and who gets it; null: all who have the state. */
export interface Said {
  text: string
  to: string[] | null
  /** Bytes, one a character. */
  isState?: true
}

export const world: {
  game: Game | undefined
  /** Belongs to the creator's code; `shadow` is the last good copy of it. */
  state: unknown
  shadow: Stream
  frame: number
  startMs: number
  tickRate: number
  /** Decimal places that players are sent; undefined: all. */
  precision: number | undefined
  players: Players
  store: Store
  limits: Limits
  // What the current frame has to say.
  said: Said[]
  logs: string[]
  end: { result: Json } | null
  /** How many messages the creator's code sent. */
  sent: number
  over: Partial<Record<keyof Limits, number>>
} = {
  game: undefined,
  state: null,
  shadow: undefined as unknown as Stream, // until the first state is made, and without one no frame runs
  frame: 0,
  startMs: 0,
  tickRate: 1,
  precision: undefined,
  players: new Players(),
  store: new Store(() => passed('storeBytes')),
  limits: { stateBytes: 0, frameOutputBytes: 0, frameMessages: 0, storeBytes: 0 },
  said: [],
  logs: [],
  end: null,
  sent: 0,
  over: {},
}

/** Counts that a limit stopped something. */
export function passed(limit: keyof Limits): void {
  world.over[limit] = (world.over[limit] ?? 0) + 1
}
