// Destroys what has left the picture, when the game asked for it.

import { abs, add, hypot, isFiniteNumber, list, max, TypeProblem } from './safe.ts'
import type { Screen } from './screen.ts'
import { Handle } from './things.ts'

const EVERY_S = 5
const MARGIN = 100

export class Cleaner {
  readonly #screen: Screen
  readonly #camera: GameCamera
  readonly #width: number
  readonly #height: number
  #margin: number | false = false
  #seconds = 0

  constructor(screen: Screen, camera: GameCamera, width: number, height: number) {
    this.#screen = screen
    this.#camera = camera
    this.#width = width
    this.#height = height
  }

  readonly set = (margin: number | false = MARGIN): void => {
    if (margin !== false && !isFiniteNumber(margin))
      throw new TypeProblem('cleanUpOffscreen: margin must be a number of pixels')
    this.#margin = margin
    this.#seconds = 0
  }

  /** Lets `seconds` pass. */
  advance(seconds: number): void {
    this.#seconds += seconds
    if (this.#margin === false || this.#seconds < EVERY_S) return
    this.#seconds = 0
    const { x, y, zoom, rotation } = this.#camera
    // A turned camera sees further: up to the corners of the screen.
    const seen = max(0.01, abs(zoom))
    const corner = hypot(this.#width, this.#height) / 2
    const reachX = (rotation === 0 ? this.#width / 2 : corner) / seen + this.#margin
    const reachY = (rotation === 0 ? this.#height / 2 : corner) / seen + this.#margin
    const gone = list<Thing>()
    this.#screen.forEach((thing, place) => {
      if (Handle.isFixed(thing as Handle)) return
      if (abs(place.x - x) > reachX || abs(place.y - y) > reachY) add(gone, thing)
    })
    for (let i = 0; i < gone.length; i++) gone[i]!.destroy()
  }
}
