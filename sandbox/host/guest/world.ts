// All that makes up a room inside its isolate. Module scope: no path leads here from the creator's code.
// Rooms that share an isolate have a world each; code of this folder works on the one that is visited.

import type { Json, Player } from '@sandlot/shared/protocol/messages.ts'
import type { Stream } from '@sandlot/shared/protocol/packed/stream.ts'
import type { Limits } from '../frame.ts'
import { Players } from './players.ts'
import { type RandomState, randomState, setRandom } from './realm.ts'
import { Store } from './store.ts'
import { append } from './text.ts'

const { create } = Object

/** What a creator may export from server.js. */
export interface Game {
  setup?(context: { random: () => number }): unknown
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

/** What players who have been sent the same have, and what becomes of it in this frame. */
export interface View {
  stream: Stream
  /** How many of them there are. */
  readers: number
  /** Those of them who see the same now as the first who was looked at. */
  group: Group | undefined
}

/** Players who were sent the same so far and see the same now. */
export interface Group {
  view: View
  /** For others to compare with; undefined where nobody will, so that a hundred views need not stay in memory at once. */
  value: unknown
  bytes: string
  players: string[]
  newcomers: string[]
}

export interface World {
  /** Belongs to the creator's code; `shadow` is the last good copy of it. */
  state: unknown
  shadow: Stream
  /** Of the state's JSON: an upper bound between two exact measurements. */
  stateChars: number
  /** What players see who have their view, by player. */
  views: Record<string, View>
  /** Players who miss a message about the state, so that they need the whole of it. */
  owed: Record<string, true>
  frame: number
  startMs: number
  tickRate: number
  /** Decimal places that players are sent; undefined: all. */
  precision: number | undefined
  random: RandomState
  players: Players
  store: Store
  limits: Limits
  /** The creator has been told that a number was lost. */
  toldLost: boolean
  // What the current frame has to say.
  said: Said[]
  logs: string[]
  end: { result: Json } | null
  /** How many messages the creator's code sent. */
  sent: number
  over: Partial<Record<keyof Limits, number>>
}

const newWorld = (): World => ({
  state: null,
  shadow: undefined as unknown as Stream, // until the first state is made, and without one no frame runs
  stateChars: 0,
  views: create(null),
  owed: create(null),
  frame: 0,
  startMs: 0,
  tickRate: 1,
  precision: undefined,
  random: randomState(),
  players: new Players(),
  store: new Store(() => passed('storeBytes')),
  limits: { stateBytes: 0, frameOutputBytes: 0, frameMessages: 0, storeBytes: 0 },
  toldLost: false,
  said: [],
  logs: [],
  end: null,
  sent: 0,
  over: {},
})

/** The creator's module; undefined: it has not finished loading. */
export let game: Game | undefined
let loadLogs: string[] = [] // what it logged meanwhile, which every room tells
export function setGame(module: Game): void {
  game = module
  loadLogs = world.logs
}

const worlds: Record<number, World> = create(null)
/** The one that is visited. */
export let world: World = newWorld()

/** Makes a room's world, in place of the one it had. */
export function createWorld(room: number): void {
  const made = newWorld()
  for (let i = 0; i < loadLogs.length; i++) append(made.logs, loadLogs[i]!)
  worlds[room] = made
}
export function dropWorld(room: number): void {
  delete worlds[room]
}
export function visit(room: number): void {
  world = worlds[room]!
  setRandom(world.random)
}
/** Ends the visit. */
export function leave(): void {
  world.random = randomState()
}

/** Counts that a limit stopped something. */
export function passed(limit: keyof Limits): void {
  world.over[limit] = (world.over[limit] ?? 0) + 1
}
