// Where the camera is, and what of the world is under a point of the screen. Plain numbers in the game's own coordinates; the stage draws by it.

export interface Place {
  x: number
  y: number
}
interface Box extends Place {
  width: number
  height: number
}
const FRAME_MS = 1000 / 60
const NOT_AT_ALL: Place = { x: 0, y: 0 }

export class View {
  /** The point of the world in the middle of the screen, without the trembling. */
  x = 0
  y = 0
  zoom = 1
  rotation = 0
  /** What the trembling adds. */
  tremor = NOT_AT_ALL
  #width = 800
  #height = 600
  #followed: (() => Place | undefined) | undefined
  #smooth = 0
  #bounds: Box | undefined
  #shake: { endMs: number; ms: number; strength: number } | undefined
  #atMs = 0

  /** The screen has this size, and shows the world as it was before any camera moved. */
  reset(width: number, height: number): void {
    this.#width = width
    this.#height = height
    this.x = width / 2
    this.y = height / 2
    this.zoom = 1
    this.rotation = 0
    this.tremor = NOT_AT_ALL
    this.#followed = undefined
    this.#bounds = undefined
    this.#shake = undefined
  }

  place(x: number, y: number): void {
    this.#followed = undefined
    this.x = x
    this.y = y
  }

  turn(zoom: number, rotation: number): void {
    this.zoom = zoom
    this.rotation = rotation
  }

  /** `where` gives the place to keep in the middle, undefined when there is nothing to follow any more. */
  follow(where: (() => Place | undefined) | undefined, smooth: number): void {
    this.#followed = where
    this.#smooth = smooth
  }

  bound(bounds: Box | undefined): void {
    this.#bounds = bounds
  }

  shake(nowMs: number, ms: number, strength: number): void {
    this.#shake = { endMs: nowMs + ms, ms, strength }
  }

  /** Moves to where the camera is at the time `nowMs`. */
  advance(nowMs: number): void {
    const passedMs = Math.min(250, Math.max(0, nowMs - this.#atMs))
    this.#atMs = nowMs
    const goal = this.#followed?.()
    if (goal) {
      // `smooth` is what is left of the way after a sixtieth of a second, on a screen of any speed.
      const part = this.#smooth === 0 ? 1 : 1 - this.#smooth ** (passedMs / FRAME_MS)
      this.x += (goal.x - this.x) * part
      this.y += (goal.y - this.y) * part
    }
    if (this.#bounds) {
      const { x, y, width, height } = this.#bounds
      this.x = between(this.x, x, width, this.#width / this.zoom)
      this.y = between(this.y, y, height, this.#height / this.zoom)
    }
    this.tremor = this.#tremble(nowMs)
  }

  /** What of the world is under a point of the screen. */
  toWorld({ x, y }: Place): Place {
    const dx = (x - this.#width / 2) / this.zoom
    const dy = (y - this.#height / 2) / this.zoom
    const [sin, cos] = [Math.sin(-this.rotation), Math.cos(-this.rotation)]
    return { x: this.x + dx * cos - dy * sin, y: this.y + dx * sin + dy * cos }
  }

  #tremble(nowMs: number): Place {
    if (!this.#shake) return NOT_AT_ALL
    const { endMs, ms, strength } = this.#shake
    const left = (endMs - nowMs) / ms
    if (!(left > 0)) {
      this.#shake = undefined
      return NOT_AT_ALL
    }
    // Two frequencies without a common period look like chance, and need none.
    return { x: strength * left * Math.sin(nowMs / 11), y: strength * left * Math.sin(nowMs / 7.3) }
  }
}

/** The middle of what is seen, such that nothing outside is; the middle of the bounds when all of them fit. */
function between(middle: number, from: number, length: number, seen: number): number {
  if (seen >= length) return from + length / 2
  return Math.min(from + length - seen / 2, Math.max(from + seen / 2, middle))
}
