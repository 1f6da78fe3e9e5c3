// What players sent, and what was left out, closed and refused: for the creator to see.
import type { CloseReason, Refusal } from '@sandlot/shared/reasons.ts'

/** `protocol`: broken or oversize frames. `silent`: a peer that answered no ping. */
export type Closing = CloseReason | 'protocol' | 'silent'

/** Counted since the start of the room, or of the host. */
export interface Traffic {
  /** Messages heard from players, and their bytes. */
  messages: number
  bytes: number
  /** How often a slow reader was sent nothing for a while; if it read again, it got the whole state as it was then. */
  lagged: number
  /** Sockets that the host closed. */
  closed: Partial<Record<Closing, number>>
  /** Sockets that it did not open; known of the host as a whole only. */
  refused: Partial<Record<Refusal, number>>
}

export const newTraffic = (): Traffic => ({ messages: 0, bytes: 0, lagged: 0, closed: {}, refused: {} })

/** One more of `key`. */
export function count<K extends string>(counts: Partial<Record<K, number>>, key: K): void {
  counts[key] = (counts[key] ?? 0) + 1
}
