// What one run is asked to do, and what it measured. A run is one server process and one load process.
import type { GameName, TargetName } from '../targets/target.ts'

export interface Plan {
  workload: Workload
  target: TargetName
  rooms: number
  warmupMs: number
  measureMs: number
  /** How long a server may take to give memory back (W5). */
  drainMs: number
  /** Decimal places declared by ours; undefined: as the game's folder says, `none`: none. */
  precision: string | undefined
  /** Folder for a CPU profile of our host. */
  profile: string | undefined
}

/** What was measured, by name; the unit is in the name (`Ms`, `KiB`) or in README.md. */
export type Sample = Record<string, number>

export const WORKLOADS = {
  w1: { game: 'arena', rooms: 10, title: 'W1 arena: rooms of 8 players, 32 bullets, 20 Hz' },
  w2: { game: 'crowd', rooms: 1, title: 'W2 crowd: a room of 100 players, 300 entities, each sees about 60' },
  w3: { game: 'echo', rooms: 20, title: 'W3 echo: rooms of 10 players, 10 Hz, echo and shout in turn' },
  w4: { game: 'board', rooms: 500, title: 'W4 turn-based: rooms of 2 players, no tick, an action every 2 s' },
  w5: { game: 'arena', rooms: 5, title: 'W5 churn: rooms made a second; 8 join, stay 5 s, all leave' },
} as const satisfies Record<string, { game: GameName; rooms: number; title: string }>
export type Workload = keyof typeof WORKLOADS

/** The value below which `share` of the samples lie; NaN of none. */
export function quantile(samples: number[], share: number): number {
  const sorted = Float64Array.from(samples).sort()
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN
}
