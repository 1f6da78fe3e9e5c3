// What travels between the runtime and the worker with the creator's code, on a MessageChannel of their own. Types and sizes only.
// One frame goes in, one batch comes out; the next frame is sent after the batch has come, so a slow game gets fewer frames.
import type { Json, Patch, Player, SeatedPlayer } from '@sandlot/shared/protocol/messages.ts'

/** Numbers of one transform: id, glides (1) or is placed (0), x, y, rotation, scale, alpha. All that moved in a frame travels as one array. */
export const TRANSFORM = 7
export const MAX_ENTITIES = 1_000
export const ENTITY_LIMIT = `Entity limit reached: ${MAX_ENTITIES}`
export const MAX_COMMANDS = 10_000 // one batch: a whole screen of new things with every property set, and room to spare
export const MAX_ERRORS = 20 // one batch
/** Said once a second while the creator's modules are fetched, which may take long: only a worker that loops is silent. */
export const LOADING = 'loading'

export type Config = Record<string, Json>
/** What can be assigned to a thing, besides its transform. */
export type Property = 'type' | 'tint' | 'flipX' | 'flipY' | 'text' | 'color' | 'width' | 'height' | 'visible' | 'depth'

export type Command =
  | { c: 'sprite'; id: number; type: string; x: number; y: number; config: Config }
  | { c: 'text'; id: number; text: string; x: number; y: number; config: Config }
  | { c: 'rect'; id: number; x: number; y: number; width: number; height: number; config: Config }
  | { c: 'circle'; id: number; x: number; y: number; radius: number; config: Config }
  | { c: 'line'; id: number; x1: number; y1: number; x2: number; y2: number; config: Config }
  | { c: 'canvas'; id: number; x: number; y: number; width: number; height: number; config: Config }
  | { c: 'set'; id: number; name: Property; value: Json }
  | { c: 'destroy'; id: number }
  | { c: 'draw-line'; id: number; x1: number; y1: number; x2: number; y2: number; color: number; width: number }
  | { c: 'draw-circle'; id: number; x: number; y: number; radius: number; color: number }
  | { c: 'draw-rect'; id: number; x: number; y: number; width: number; height: number; color: number }
  | { c: 'draw-clear'; id: number }
  | { c: 'background'; color: number }
  | { c: 'send'; action: string; data: string } // the data as JSON text: a shared part of an object would be many in a copy of it
  | { c: 'log'; text: string }

/** What happened since the last frame, in order. */
export type Happening =
  | { t: 'full'; s: Json }
  | { t: 'delta'; d: Patch }
  | { t: 'players'; p: SeatedPlayer[] }
  | { t: 'msg'; m: Json }
  | { t: 'refused'; a: string; why: string }
  | { t: 'end'; result: Json }
  | { t: 'key'; key: string; down: boolean }
  | { t: 'pointer'; kind: 'down' | 'move' | 'up'; x: number; y: number }

export interface Start {
  /** Absolute URL of the creator's module. */
  entry: string
  me: Player
  players: SeatedPlayer[]
  state: Json
  seed: number
  width: number
  height: number
}
export interface Frame {
  n: number
  happenings: Happening[]
  keys: string[]
  pointer: { x: number; y: number; down: boolean }
}
export interface WorkerError {
  message: string
  stack: string
}
/** The answer to `Start` (n is 0) or to frame `n`. */
export interface Batch {
  n: number
  commands: Command[]
  transforms: Float64Array
  errors: WorkerError[]
  /** The creator's module did not load or threw at top level: no more frames are wanted. */
  failed: boolean
  /** A delta did not fit, because the game changed its copy of the state: the whole state is wanted. */
  lost: boolean
}
