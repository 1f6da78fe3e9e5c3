// How long to wait before the next attempt to reach the game again.

const FIRST_MS = 280
const LONGEST_MS = 5_000

/**
 * Milliseconds before attempt `attempt` (from 0): doubling, at most 5 s, and spread over the upper half of it,
 * so that the players of a restarted host do not all return at the same instant.
 */
export function backoffMs(attempt: number, random: () => number = Math.random): number {
  const full = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(attempt, 10))
  return full * (0.5 + random() / 2)
}
