// Why something ended or was refused, and the one table that puts each reason on the wire.

/** Why the host closed a player's socket. */
export type CloseReason =
  | 'malformed'
  | 'ticket-refused'
  | 'hello-timeout'
  | 'replaced'
  | 'room-ended'
  | 'room-full'
  | 'no-room'
  | 'too-slow'
  | 'too-fast'
  | 'version'
  | 'stopping'

/** Websocket close code and the sentence a player reads. `retry`: the runtime reconnects by itself. */
export const CLOSE: Record<CloseReason, { code: number; text: string; retry: boolean }> = {
  malformed: {
    code: 4400,
    text: 'The game sent a message the server does not understand. Reload the page.',
    retry: false,
  },
  'ticket-refused': { code: 4401, text: 'This ticket is not valid any more. Press Play again.', retry: false },
  'hello-timeout': { code: 4408, text: 'The connection said nothing for 5 seconds. Reload the page.', retry: true },
  replaced: { code: 4409, text: 'This seat was taken over by another window.', retry: false },
  'room-ended': { code: 4410, text: 'This room has ended. Press Play for a new one.', retry: false },
  'room-full': { code: 4412, text: 'This room is full. Press Play to find another.', retry: false },
  'no-room': { code: 4500, text: 'The game cannot start a room now. Its creator is told why.', retry: false },
  'too-slow': { code: 4413, text: 'The connection was too slow to keep up with the game.', retry: true },
  version: { code: 4426, text: 'This page is older than the server. Reload the page.', retry: false },
  'too-fast': { code: 4429, text: 'The game sent too much at once. Reload the page.', retry: false },
  stopping: { code: 4503, text: 'The game server restarts. Reconnecting.', retry: true },
}

const byCode = new Map<number, CloseReason>(
  Object.entries(CLOSE).map(([reason, { code }]) => [code, reason as CloseReason]),
)
export const closeReason = (code: number): CloseReason | undefined => byCode.get(code)

/** Why the host did not open a player's socket. */
export type Refusal =
  | 'not-here'
  | 'malformed-request'
  | 'wrong-origin'
  | 'too-many-sockets'
  | 'too-many-new-sockets'
  | 'host-stopping'

/** The answer to such a request. `retryS`: when it may be asked again. */
export const REFUSAL: Record<Refusal, { status: number; text: string; retryS?: number }> = {
  'not-here': { status: 404, text: 'There is no game socket at this address.' },
  'malformed-request': { status: 400, text: 'A request for the game socket has at most 100 headers and no body.' },
  'wrong-origin': { status: 403, text: 'This game can be played from its own page only.' },
  'too-many-sockets': {
    status: 429,
    text: 'Too many players are connected from your network. Close other windows of this game.',
    retryS: 30,
  },
  'too-many-new-sockets': { status: 429, text: 'Your network connects too often. Wait a moment.', retryS: 5 },
  'host-stopping': { status: 503, text: 'The game server restarts. Try again in a moment.', retryS: 1 },
}

/** Why a room ended. */
export type EndReason =
  | 'finished' // the game called room.end
  | 'empty' // nobody held a seat for EMPTY_ROOM_MS
  | 'stuck' // MAX_STUCK frames in a row ran out of time or memory
  | 'stopped' // the operator, creator or matchmaker closed it
  | 'crashed' // the game host died
export const END_REASONS = ['finished', 'empty', 'stuck', 'stopped', 'crashed'] as const satisfies readonly EndReason[]

/** Makes a switch over a union fail to compile when an arm is missing. */
export function assertNever(value: never): never {
  throw new Error(`unexpected ${JSON.stringify(value)}`)
}
