// How fast a game runs: frames that its code answered, and how long it took for one. Counted over time in which it is drawn.

const WINDOW = 10 // seconds that the average looks back
const SLOW_FPS = 10
const MAX_STEP_MS = 250 // as in game.ts: more between two drawn frames means that the page was away

export interface Pace {
  /** Frames a second in the last second. */
  fps: number
  /** Of one frame in that second, on average, from question to answer. */
  frameMs: number
  /** On average less than 10 frames a second, for ten seconds. */
  slow: boolean
}

export class Meter {
  #frames = 0
  #busyMs = 0
  #secondMs = 0
  #drawnAtMs = Number.POSITIVE_INFINITY
  #last: number[] = []

  /** The game answered a frame after so long. */
  answered(ms: number): void {
    this.#frames++
    this.#busyMs += ms
  }

  /** A frame is drawn at the time `nowMs` while the game runs; once a second gives what that second was like. */
  drawn(nowMs: number): Pace | undefined {
    this.#secondMs += Math.min(MAX_STEP_MS, Math.max(0, nowMs - this.#drawnAtMs))
    this.#drawnAtMs = nowMs
    if (this.#secondMs < 1000) return undefined
    const fps = (this.#frames * 1000) / this.#secondMs
    const frameMs = this.#frames === 0 ? 0 : this.#busyMs / this.#frames
    this.#last = [...this.#last, fps].slice(-WINDOW)
    this.#frames = this.#busyMs = this.#secondMs = 0
    const average = this.#last.reduce((sum, each) => sum + each, 0) / this.#last.length
    return { fps, frameMs, slow: this.#last.length === WINDOW && average < SLOW_FPS }
  }

  /** Another game, or the same from the start. */
  reset(): void {
    this.#last = []
    this.#frames = this.#busyMs = this.#secondMs = 0
    this.#drawnAtMs = Number.POSITIVE_INFINITY
  }
}
