// Players who were turned away, counted by reason, and what each reason is called where a creator reads it.
import type { CloseReason, Refusal } from './reasons.ts'

/** `protocol`: broken or oversize frames. `silent`: a peer that answered no ping. */
export type Closing = CloseReason | 'protocol' | 'silent'
/** `too-many-connections`: of one address, before anything was said on them. */
export type Refusing = Refusal | 'too-many-connections'

/** Counted since the start of the game's server. */
export interface TurnedAway {
  /** How often a slow reader was sent nothing for a while; if it read again, it got the whole state as it was then. */
  lagged: number
  /** Sockets that the host closed. */
  closed: Partial<Record<Closing, number>>
  /** Sockets and connections that it did not open. */
  refused: Partial<Record<Refusing, number>>
}

/** Null: it happens to honest players every day, and no one need look at it. */
export const CLOSED_WORDS: Readonly<Record<Closing, string | null>> = Object.freeze({
  malformed: 'sent what is no message',
  'ticket-refused': 'had no valid ticket',
  'hello-timeout': 'connected and said nothing',
  replaced: null,
  'room-ended': null,
  'room-full': 'found the room full',
  'no-room': 'came when no room could be made',
  'too-slow': 'read too slowly',
  'too-fast': 'sent too much',
  version: 'had an old page',
  stopping: null,
  protocol: 'sent broken or oversize frames',
  silent: 'answered no ping',
})
export const REFUSED_WORDS: Readonly<Record<Refusing, string | null>> = Object.freeze({
  'not-here': 'asked for a socket elsewhere',
  'malformed-request': 'sent a malformed request',
  'wrong-origin': 'came from another site',
  'too-many-sockets': 'too many sockets of an address',
  'too-many-new-sockets': 'too many new sockets of an address',
  'too-many-connections': 'too many connections of an address',
  'host-stopping': null,
})

/** Every reason that has occurred, in words and with its count, the most frequent first. */
export function turnedAwayInWords({ lagged, closed, refused }: TurnedAway): { what: string; times: number }[] {
  const all = [
    ...Object.entries(closed).map(([why, times]) => ({ what: CLOSED_WORDS[why as Closing], times })),
    ...Object.entries(refused).map(([why, times]) => ({ what: REFUSED_WORDS[why as Refusing], times })),
    { what: 'skipped states because of a slow line', times: lagged },
  ]
  return all
    .filter((entry): entry is { what: string; times: number } => entry.what !== null && entry.times > 0)
    .sort((a, b) => b.times - a.times)
}
