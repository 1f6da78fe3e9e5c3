// What one game may use of its node. The defaults are in limits.ts; an operator changes them for all games or for one (see README).
import {
  CPU_CREDIT_MS,
  CPU_MS_PER_SECOND,
  FRAME_TIMEOUT_MS,
  ISOLATE_MEMORY_MIB,
  LOG_BYTES_PER_SECOND,
  LOG_LINES_PER_SECOND,
  MAX_FRAME_MESSAGES,
  MAX_FRAME_OUTPUT_CHARS,
  MAX_PLAYERS_PER_GAME,
  MAX_ROOMS_PER_GAME,
  MAX_STATE_BYTES,
  MAX_STORE_BYTES,
  MESSAGES_PER_SECOND,
  PLAYER_BYTES_PER_SECOND,
  PROCESS_MEMORY_MIB,
} from './limits.ts'

export interface Budgets {
  /** Rooms open at once. */
  rooms: number
  /** Seats taken at once, in all rooms together. */
  players: number
  /** Memory of the game's process. Passing it ends the process, with all rooms. */
  memoryMiB: number
  /** Memory of one room's isolate. Passing it sends the room back to its last checkpoint. */
  roomMemoryMiB: number
  /** CPU time of one room in the long run. A room that has used more waits until it has caught up. */
  cpuMsPerSecond: number
  /** CPU time that a room may save up while it uses less than that. */
  cpuCreditMs: number
  /** Time of one frame. Passing it sends the room back to its last checkpoint. */
  frameMs: number
  /** The room's state, in characters of JSON. What makes it larger is undone. */
  stateBytes: number
  /** All that leaves a room in one frame, in characters. The rest is left out. */
  frameOutputBytes: number
  /** Calls of room.send and room.broadcast in one frame; one more throws. */
  frameMessages: number
  /** Messages from one player. Who sends more is disconnected. */
  playerMessagesPerSecond: number
  /** Bytes from one player. Who sends more is disconnected. */
  playerBytesPerSecond: number
  /** Lines that one room logs. More are dropped, and counted. */
  logLinesPerSecond: number
  /** Characters that one room logs. More are dropped, and counted. */
  logBytesPerSecond: number
  /** All that the game keeps through room.store, in bytes of JSON; one more throws. */
  storeBytes: number
}

export const DEFAULT_BUDGETS: Readonly<Budgets> = Object.freeze({
  rooms: MAX_ROOMS_PER_GAME,
  players: MAX_PLAYERS_PER_GAME,
  memoryMiB: PROCESS_MEMORY_MIB,
  roomMemoryMiB: ISOLATE_MEMORY_MIB,
  cpuMsPerSecond: CPU_MS_PER_SECOND,
  cpuCreditMs: CPU_CREDIT_MS,
  frameMs: FRAME_TIMEOUT_MS,
  stateBytes: MAX_STATE_BYTES,
  frameOutputBytes: MAX_FRAME_OUTPUT_CHARS,
  frameMessages: MAX_FRAME_MESSAGES,
  playerMessagesPerSecond: MESSAGES_PER_SECOND,
  playerBytesPerSecond: PLAYER_BYTES_PER_SECOND,
  logLinesPerSecond: LOG_LINES_PER_SECOND,
  logBytesPerSecond: LOG_BYTES_PER_SECOND,
  storeBytes: MAX_STORE_BYTES,
})

/** What is measured against a budget, and shown to the creator. */
export type Meter = Exclude<keyof Budgets, 'cpuCreditMs'>
export const METERS = Object.freeze(
  Object.keys(DEFAULT_BUDGETS).filter((name): name is Meter => name !== 'cpuCreditMs'),
)
/** `used`: the highest of any room or player in the last seconds. `over`: how often the limit stopped something since the start. */
export type Usage = Record<Meter, { used: number; limit: number; over: number }>
