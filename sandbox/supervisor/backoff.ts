// How long to wait before trying again: at once, then doubling, with jitter so that many never come back together.

export interface Backoff {
  firstMs: number
  maxMs: number
}

/** `failures` counts from 1; the first retry comes at once. Jitter takes up to a quarter away, so `maxMs` is never passed. */
export function retryDelayMs(
  { firstMs, maxMs }: Backoff,
  failures: number,
  random: () => number = Math.random,
): number {
  if (failures <= 1) return 0
  return Math.min(maxMs, firstMs * 2 ** (failures - 2)) * (1 - random() / 4)
}
