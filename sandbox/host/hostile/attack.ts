// What one attack is: hostile pieces of an honest game, and exactly how that must end.
import type { Budgets } from '@sandlot/shared/budgets.ts'
import type { Json } from '@sandlot/shared/protocol/messages.ts'

/** Sentences are what the creator reads; a pattern only where the machine's speed decides between two of them. */
export type Outcome =
  /** What was tried is refused: the player reads `why`, and the room goes on with the state it had. */
  | { ends: 'action'; why: string | RegExp }
  /** Part of a frame is undone or left out: the creator reads `says`, and the room goes on. */
  | { ends: 'frame'; says: string | RegExp }
  /** Nothing comes of it: the room goes on, and `state.found` is this. */
  | { ends: 'nothing'; found: Json }
  /** The room goes back to its checkpoint, the players read `says`, and it goes on. */
  | { ends: 'setback'; says: string | RegExp }
  /** The room goes back to its checkpoint each time, and ends when it is tried again and again. */
  | { ends: 'room'; says: string | RegExp }
  /** The process of the game is ended. */
  | { ends: 'host'; says: string | RegExp }
  /** As 'room' or as 'host': how V8 meets the end of its memory depends on when it last collected garbage. */
  | { ends: 'either' }
  /** No room can be made of it; the host waits for a better build. `build`: what the creator reads on saving. */
  | { ends: 'start'; says: string | RegExp; build?: string | RegExp }

/** Each piece is the body of a function of server.js; without the pieces the game is honest. */
export interface Pieces {
  /** At the top level of the module. */
  top?: string
  setup?: string
  /** Of `actions.attack(state, player, data, room)`. */
  action?: string
  /** Of tick(state, room), once the action has been called. */
  tick?: string
  /** Of view(state, player), once the action has been called. */
  view?: string
  /** Sent as `data` of the action. */
  data?: Json
}

export type Attack = Pieces & Outcome & { budgets?: Partial<Budgets> }

/** Declares an attack. The first line of its file says what it tries, after the row of the catalogue. */
export const attack = (what: Attack): Attack => what

/** server.js with the pieces in it. */
export const program = ({ top = '', setup = '', action = '', tick, view }: Pieces): string => `
${top}
export const setup = () => {
  ${setup}
  return { ticks: 0, honest: 0, armed: false, found: null }
}
export const actions = {
  honest(state) {
    state.honest++
  },
  attack(state, player, data, room) {
    ${tick === undefined && view === undefined ? '' : 'state.armed = true'}
    ${action}
  },
}
export const tick = (state, room) => {
  state.ticks++
  ${tick === undefined ? '' : `if (state.armed) { ${tick} }`}
}
${view === undefined ? '' : `export const view = (state, player) => {\n  if (state.armed) { ${view} }\n  return state\n}`}
`

/** The end of a process that a room keeps from coming back: its own watchdog says so, or on a busy machine its supervisor. */
export const NEVER_CAME_BACK =
  /^was ended: (a room did not come back for 1500 ms and could not be interrupted|it fell silent for 1\.75 s \(an endless loop\?\))$/
/** Of a frame, for what runs out of time. */
export const FRAME_MS = 100
export const TOO_LONG = `server.js ran longer than ${FRAME_MS} ms and was stopped`
/** The end of a process whose memory is full. */
export const OUT_OF_MEMORY =
  /^was ended: (a room ran out of memory in a way that V8 cannot recover from \(.*\)|it used more than \d+ MiB of memory|a room did not come back for 1500 ms and could not be interrupted|it fell silent for 1\.75 s \(an endless loop\?\))$/
/** Too much memory; on a busy machine the time of the frame may be over before the memory is full. */
export const TOO_MUCH = /^server\.js (used more than \d+ MiB of memory|ran longer than \d+ ms) and was stopped$/
/** A small room with time and CPU to fill it, so that memory is the limit it meets. */
export const MEMORY_BUDGETS = { roomMemoryMiB: 16, frameMs: 750, cpuMsPerSecond: 1_000, cpuCreditMs: 60_000 }
