// What players sent, and what was left out, closed and refused: for the creator to see.
import type { TurnedAway } from '@sandlot/shared/traffic.ts'

/** Counted since the start of the room, or of the host. */
export interface Traffic extends TurnedAway {
  /** Messages heard from players, and their bytes. */
  messages: number
  bytes: number
}

export const newTraffic = (): Traffic => ({ messages: 0, bytes: 0, lagged: 0, closed: {}, refused: {} })

/** One more of `key`. */
export function count<K extends string>(counts: Partial<Record<K, number>>, key: K): void {
  counts[key] = (counts[key] ?? 0) + 1
}
