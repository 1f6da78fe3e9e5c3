// What the host says to the code inside an isolate and what comes back. Types only: both sides of the wall import it.
import type { Budgets } from '@sandlot/shared/budgets.ts'
import type { Json, Player } from '@sandlot/shared/protocol/messages.ts'

/** One thing that happened since the last frame, in the order it reached the host. */
export type RoomEvent =
  | { k: 'join'; p: Player }
  | { k: 'leave'; p: string }
  | { k: 'act'; p: string; a: string; d: Json }
  /** This player is the host from now on. */
  | { k: 'host'; p: string }
  /** The game's store changed in another room. */
  | { k: 'store'; n: string; v: Json }

/** What a room must know of its game. */
export interface GameFacts {
  tickRate: number
  /** Decimal places that players are sent; undefined: all. */
  precision: number | undefined
  store: [string, Json][]
  limits: Limits
}

/** The budgets that only code inside the isolate can hold. */
export type Limits = Pick<Budgets, 'stateBytes' | 'frameOutputBytes' | 'frameMessages' | 'storeBytes'>

export type Command =
  /** Calls setup. `seed` is four 32-bit words, `startMs` the time of frame 0 since 1970. */
  | ({ op: 'start'; seed: number[]; startMs: number } & GameFacts)
  /** Goes on from the text that `save` gave; `migrateFrom`: call migrate. Joins and leaves make its players equal `players`. */
  | ({ op: 'load'; saved: string; players: Player[]; migrateFrom: string | null } & GameFacts)
  /**
   * One step. `full`: players whose connection needs the whole state from now on; `gone`: whose connection is lost.
   * `ms`: the time of this frame since 1970, for rooms that do not tick. `between`: only the events, between two ticks; the frame's number stays.
   */
  | { op: 'frame'; events: RoomEvent[]; full?: string[]; gone?: string[]; ms?: number; between?: boolean }
  /** Runs `frames` frames without events, with a view for every player; the caller loads the saved state again afterwards. */
  | { op: 'trial'; frames: number }
  | { op: 'save' }
  /** The room has left this isolate. */
  | { op: 'drop' }

/** A creator's throw, as text. */
export interface GuestError {
  message: string
  stack: string
}

/**
 * First line of a frame's answer, as JSON; the message texts follow it without separators. A frame of which there is nothing to say but how the
 * state changed for everybody has its number and the length of that instead, such as "41 276"; length 0: players need not notice.
 */
export interface FrameHeader {
  frame: number
  /** Length of each text and who gets it, in order of sending; null: all who have the state by then. `isState`: it is bytes, one a character. */
  out: [length: number, players: string[] | null, isState: boolean][]
  logs: string[]
  /** What threw in this frame, if anything, other than an action. */
  problem: GuestError | null
  /** Mistakes in actions; their senders are told by a message. */
  faults: GuestError[]
  store: [string, Json][]
  end: { result: Json } | null
  /** Whether the state differs from the last frame's. */
  changed: boolean
  /** How many messages the creator's code sent. */
  sent: number
  /** How often each limit stopped something in this frame. */
  over: Partial<Record<keyof Limits, number>>
}

/** What the creator's module has. */
export interface Started {
  ticks: boolean
  /** Lines logged while loading and in setup or migrate. */
  logs: string[]
  problem: GuestError | null
}
