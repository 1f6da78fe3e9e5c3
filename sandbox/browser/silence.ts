// How long a worker has owed an answer while the game was being drawn: time in the background or paused does not count.

const MAX_SILENT_MS = 5_000 // longer than any honest frame takes on a slow phone, and shorter than a player waits before leaving
const MAX_STEP_MS = 250 // what lies between two drawn frames counts as this at most: the page itself was away or busy

export class Silence {
  #silentMs = 0
  #drawnAtMs = Number.POSITIVE_INFINITY

  /** The worker gave a sign of life. */
  heard(): void {
    this.#silentMs = 0
  }

  /** A frame is drawn at the time `nowMs` while an answer is owed; true when that has lasted too long. */
  drawn(nowMs: number): boolean {
    this.#silentMs += Math.min(MAX_STEP_MS, Math.max(0, nowMs - this.#drawnAtMs))
    this.#drawnAtMs = nowMs
    return this.#silentMs >= MAX_SILENT_MS
  }
}
