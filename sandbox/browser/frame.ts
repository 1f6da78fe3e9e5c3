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
export type Property =
  | 'type'
  | 'tint'
  | 'flipX'
  | 'flipY'
  | 'text'
  | 'color'
  | 'width'
  | 'height'
  | 'visible'
  | 'depth'
  | 'frame'

/** An array, of which the worker's own side uses no method. */
export interface Listed<T> {
  [index: number]: T
  length: number
}

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
  | { c: 'camera-place'; x: number; y: number }
  | { c: 'camera-turn'; zoom: number; rotation: number }
  | { c: 'camera-follow'; id: number; smooth: number } // id 0: nobody
  | { c: 'camera-bounds'; x: number; y: number; width: number; height: number } // no width: none
  | { c: 'camera-shake'; ms: number; strength: number }
  | { c: 'sheet'; name: string; width: number; height: number; margin: number; spacing: number }
  | { c: 'animation'; name: string; sheet: string; frames: Listed<number>; rate: number; loop: boolean }
  | { c: 'play'; id: number; name: string } // no name: stop
  | { c: 'sound'; id: number; name: string; volume: number; loop: boolean; rate: number }
  | { c: 'sound-volume'; id: number; volume: number }
  | { c: 'sound-stop'; id: number; name: string } // one, or those of a name, or all
  | { c: 'volume'; volume: number }
  | { c: 'controls'; stick: boolean; buttons: Listed<{ label: string; key: string }>; always: boolean }
  | { c: 'send'; action: string; data: string } // the data as JSON text: a shared part of an object would be many in a copy of it
  | { c: 'state'; json: string } // from the host of a game without server.js
  | { c: 'input'; json: string }
  | { c: 'log'; text: string }

/** What happened since the last frame, in order. */
export type Happening =
  | { t: 'full'; s: Json }
  | { t: 'delta'; d: Patch }
  | { t: 'players'; p: SeatedPlayer[]; host: string | null }
  | { t: 'inputs'; inputs: Record<string, Json> } // of players of a game without server.js
  | { t: 'msg'; m: Json }
  | { t: 'refused'; a: string; why: string }
  | { t: 'end'; result: Json }
  | { t: 'key'; key: string; down: boolean }
  | { t: 'pointer'; kind: 'down' | 'move' | 'up'; touch: TouchSpot }
  | { t: 'picture'; name: string; width: number; height: number } // an image was loaded

/** A place on the screen in the game's coordinates, and what of the world is there. */
export interface Spot {
  x: number
  y: number
  worldX: number
  worldY: number
}
export interface TouchSpot extends Spot {
  id: number
}
export interface PadState {
  axes: number[]
  buttons: number[]
}

export interface Start {
  /** Absolute URL of the creator's module. */
  entry: string
  me: Player
  players: SeatedPlayer[]
  host: string | null
  /** The game has no server.js. */
  relay: boolean
  state: Json
  seed: number
  width: number
  height: number
  /** Sizes of the images that are loaded already. */
  pictures: Record<string, { width: number; height: number }>
  /** The sounds there are. */
  sounds: Record<string, string>
}
export interface Frame {
  /** A number that cannot be guessed; the batch repeats it after the creator's callbacks have returned, so it is the heartbeat too. */
  n: number
  /** Time in the game since the last frame: none passes while it is paused or in the background. */
  seconds: number
  happenings: Happening[]
  keys: string[]
  pointer: Spot & { down: boolean }
  touches: TouchSpot[]
  gamepads: PadState[]
  /** Where the camera was when the last frame was drawn. */
  camera: { x: number; y: number }
}
export interface WorkerError {
  message: string
  stack: string
}
/** The answer to `Start` (n is 0) or to frame `n`. */
export interface Batch {
  n: number
  commands: Listed<Command>
  transforms: Float64Array
  errors: Listed<WorkerError>
  /** The creator's module did not load or threw at top level: no more frames are wanted. */
  failed: boolean
  /** A delta did not fit, because the game changed its copy of the state: the whole state is wanted. */
  lost: boolean
}
