// The camera as the creator's code sees it. The page moves it; here is what it was told, and where it was when the last frame was drawn.
import { harden } from './safe.ts'
import type { Screen } from './screen.ts'
import { finite } from './things.ts'

export class Camera implements GameCamera {
  readonly #screen: Screen
  #x: number
  #y: number
  #zoom = 1
  #rotation = 0
  #followed: Thing | undefined

  constructor(screen: Screen, x: number, y: number) {
    this.#screen = screen
    this.#x = x
    this.#y = y
  }

  get x(): number {
    return this.#x
  }
  set x(x: number) {
    this.#place(finite(x, 'camera.x'), this.#y)
  }
  get y(): number {
    return this.#y
  }
  set y(y: number) {
    this.#place(this.#x, finite(y, 'camera.y'))
  }
  get zoom(): number {
    return this.#zoom
  }
  set zoom(zoom: number) {
    if (zoom === this.#zoom) return
    this.#zoom = finite(zoom, 'camera.zoom')
    this.#turn()
  }
  get rotation(): number {
    return this.#rotation
  }
  set rotation(rotation: number) {
    if (rotation === this.#rotation) return
    this.#rotation = finite(rotation, 'camera.rotation')
    this.#turn()
  }

  follow(thing: Thing, smooth = 0): void {
    if (!thing?.alive) return
    this.#followed = thing
    this.#screen.do({ c: 'camera-follow', id: thing.id, smooth: finite(smooth, 'camera.follow: smooth') })
  }

  unfollow(): void {
    this.#followed = undefined
    this.#screen.do({ c: 'camera-follow', id: 0, smooth: 0 })
  }

  bounds(x?: number, y?: number, width?: number, height?: number): void {
    if (x === undefined) {
      this.#screen.do({ c: 'camera-bounds', x: 0, y: 0, width: 0, height: 0 })
      return
    }
    this.#screen.do({
      c: 'camera-bounds',
      x: finite(x, 'camera.bounds: x'),
      y: finite(y!, 'camera.bounds: y'),
      width: finite(width!, 'camera.bounds: width'),
      height: finite(height!, 'camera.bounds: height'),
    })
  }

  shake(duration = 250, strength = 8): void {
    this.#screen.do({
      c: 'camera-shake',
      ms: finite(duration, 'camera.shake: duration'),
      strength: finite(strength, 'camera.shake: strength'),
    })
  }

  /** For frames: where the page drew it from. A camera that follows nobody is where the game put it. */
  drawnAt(x: number, y: number): void {
    if (!this.#followed?.alive) return
    this.#x = x
    this.#y = y
  }

  #place(x: number, y: number): void {
    if (x === this.#x && y === this.#y && !this.#followed) return
    this.#x = x
    this.#y = y
    this.#followed = undefined
    this.#screen.do({ c: 'camera-place', x, y })
  }

  #turn(): void {
    this.#screen.do({ c: 'camera-turn', zoom: this.#zoom, rotation: this.#rotation })
  }
}
harden(Camera)
