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
  MAX_SOCKETS_PER_ADDRESS,
  MAX_STATE_BYTES,
  MAX_STORE_BYTES,
  MESSAGES_PER_SECOND,
  NEW_SOCKETS_PER_SECOND,
  PLAYER_BYTES_PER_SECOND,
  PLAYER_PROBLEMS_PER_MINUTE,
  PROCESS_MEMORY_MIB,
  ROOM_PROBLEMS_PER_MINUTE,
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
  /** Sockets open at once from one address: IPv4, or an IPv6 network of 64 bits. One more is refused. */
  addressSockets: number
  /** Sockets that one address opens, in the long run; as many as may be open at once. More are refused. */
  addressSocketsPerSecond: number
  /** Lines that one room logs. More are dropped, and counted. */
  logLinesPerSecond: number
  /** Characters that one room logs. More are dropped, and counted. */
  logBytesPerSecond: number
  /** Mistakes of client code that one player's browser tells. More are left out, and counted. */
  playerProblemsPerMinute: number
  /** The same of all players of a room together. */
  roomProblemsPerMinute: number
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
  addressSockets: MAX_SOCKETS_PER_ADDRESS,
  addressSocketsPerSecond: NEW_SOCKETS_PER_SECOND,
  logLinesPerSecond: LOG_LINES_PER_SECOND,
  logBytesPerSecond: LOG_BYTES_PER_SECOND,
  playerProblemsPerMinute: PLAYER_PROBLEMS_PER_MINUTE,
  roomProblemsPerMinute: ROOM_PROBLEMS_PER_MINUTE,
  storeBytes: MAX_STORE_BYTES,
})

/** What is measured against a budget, and shown to the creator. */
export type Meter = Exclude<keyof Budgets, 'cpuCreditMs'>
export const METERS = Object.freeze(
  Object.keys(DEFAULT_BUDGETS).filter((name): name is Meter => name !== 'cpuCreditMs'),
)
/** `used`: the highest of any room, player or address in the last seconds. `over`: how often the limit stopped something since the start. */
export type Usage = Record<Meter, { used: number; limit: number; over: number }>

/** What each meter is called where a creator reads it, and its unit. */
export const METER_WORDS: Readonly<Record<Meter, readonly [name: string, unit: string]>> = Object.freeze({
  rooms: ['rooms', ''],
  players: ['players', ''],
  memoryMiB: ['memory of the game', 'MiB'],
  roomMemoryMiB: ['memory of a room', 'MiB'],
  cpuMsPerSecond: ['CPU of a room', 'ms/s'],
  frameMs: ['CPU of a frame', 'ms'],
  stateBytes: ['state of a room', 'bytes'],
  frameOutputBytes: ['sent in a frame', 'bytes'],
  frameMessages: ['messages in a frame', ''],
  playerMessagesPerSecond: ['messages of a player', '/s'],
  playerBytesPerSecond: ['sent by a player', 'bytes/s'],
  addressSockets: ['sockets of an address', ''],
  addressSocketsPerSecond: ['new sockets of an address', '/s'],
  logLinesPerSecond: ['log lines of a room', '/s'],
  logBytesPerSecond: ['log of a room', 'bytes/s'],
  playerProblemsPerMinute: ['mistakes told by a player’s browser', '/min'],
  roomProblemsPerMinute: ['mistakes told in a room', '/min'],
  storeBytes: ['store', 'bytes'],
})

/** Such as `3.2/200 ms/s`; bytes are given in KiB. */
export function usedOfLimit(meter: Meter, { used, limit }: { used: number; limit: number }): string {
  const unit = METER_WORDS[meter][1]
  if (!unit.startsWith('bytes')) return `${used}/${limit} ${unit}`.trim().replace(/ \//, '/')
  const kib = (bytes: number) => Math.round((bytes / 1024) * 10) / 10
  return `${kib(used)}/${kib(limit)} ${unit.replace('bytes', 'KiB')}`
}
