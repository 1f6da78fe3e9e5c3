// How long rules wait at most: limits are for machines as fast as this one, and one that is emulated is many times slower.
let times = 1

/** From now on the machines are taken for so many times slower than this one. */
export function beSlower(than: number): void {
  times = Math.max(times, than)
}

/** An upper bound in milliseconds, for the machines at hand. */
export const patient = (ms: number): number => ms * times
