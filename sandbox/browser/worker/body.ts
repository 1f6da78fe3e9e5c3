// One body of the physics: what moves it, and where its edges are.
import { abs, harden, isFiniteNumber, max, min, sqrt, TypeProblem, toText } from './safe.ts'
import { type Extent, Handle } from './things.ts'

const NUMBERS = ['velocityX', 'velocityY', 'bounce', 'drag', 'maxSpeed', 'mass', 'width', 'height'] as const
const FLAGS = ['gravity', 'immovable', 'bounds', 'circle'] as const
const FAST = 1e9 // no speed, so that a missing maximum needs no case of its own

export interface Sides {
  left: boolean
  right: boolean
  up: boolean
  down: boolean
}

export class Body implements PhysicsBody {
  readonly thing: Handle
  velocityX = 0
  velocityY = 0
  accelerationX = 0
  accelerationY = 0
  bounce = 0
  drag = 0
  maxSpeed = FAST
  gravity = true
  immovable = false
  bounds = false
  mass = 1
  enabled = true
  readonly blocked: Sides = { left: false, right: false, up: false, down: false }
  readonly #config: BodyConfig
  /** Edges now, and how far they moved in this step. */
  left = 0
  top = 0
  width = 0
  height = 0
  movedX = 0
  movedY = 0
  round = false
  #offsetX = 0
  #offsetY = 0
  #x = 0
  #y = 0

  /** Throws a TypeError that names a field of `config` that is of no use. */
  constructor(thing: Handle, config: BodyConfig) {
    this.thing = thing
    this.#config = config
    for (let i = 0; i < NUMBERS.length; i++) {
      const name = NUMBERS[i]!
      const value = config[name]
      if (value === undefined) continue
      if (!isFiniteNumber(value))
        throw new TypeProblem(`physics.add: ${name} must be a finite number, not ${toText(value)}`)
      if (name !== 'width' && name !== 'height') this[name] = value
    }
    for (let i = 0; i < FLAGS.length; i++) {
      const name = FLAGS[i]!
      if (config[name] !== undefined && name !== 'circle') this[name] = config[name] === true
    }
  }

  get onFloor(): boolean {
    return this.blocked.down
  }

  setVelocity(x: number, y: number): this {
    this.velocityX = x
    this.velocityY = y
    return this
  }

  get right(): number {
    return this.left + this.width
  }
  get bottom(): number {
    return this.top + this.height
  }
  get middleX(): number {
    return this.left + this.width / 2
  }
  get middleY(): number {
    return this.top + this.height / 2
  }

  /** Takes place and size from the thing, which the game may have moved. */
  look(): void {
    const extent: Extent = Handle.extentOf(this.thing)
    const scale = abs(this.thing.scale)
    const width = extent.width * scale
    const height = extent.height * scale
    this.width = (this.#config.width ?? extent.width) * scale
    this.height = (this.#config.height ?? extent.height) * scale
    this.round = this.#config.circle ?? extent.round
    // A body smaller or larger than its thing sits in the middle of it.
    this.#offsetX = -extent.originX * width + (width - this.width) / 2
    this.#offsetY = -extent.originY * height + (height - this.height) / 2
    this.#x = this.thing.x
    this.#y = this.thing.y
    this.left = this.#x + this.#offsetX
    this.top = this.#y + this.#offsetY
  }

  /** Moves by its speed for `seconds`. A number the game broke becomes 0. */
  move(seconds: number, gravity: { x: number; y: number }): void {
    const { blocked } = this
    blocked.left = blocked.right = blocked.up = blocked.down = false
    const fall = this.gravity && !this.immovable ? 1 : 0
    let x = this.velocityX + (this.accelerationX + fall * gravity.x) * seconds
    let y = this.velocityY + (this.accelerationY + fall * gravity.y) * seconds
    const speed = sqrt(x * x + y * y)
    if (speed > 0 && this.drag > 0) {
      const kept = max(0, speed - this.drag * seconds) / speed
      x *= kept
      y *= kept
    }
    if (speed > this.maxSpeed) {
      x *= this.maxSpeed / speed
      y *= this.maxSpeed / speed
    }
    this.velocityX = isFiniteNumber(x) ? x : 0
    this.velocityY = isFiniteNumber(y) ? y : 0
    this.movedX = this.velocityX * seconds
    this.movedY = this.velocityY * seconds
    this.shift(this.movedX, this.movedY)
  }

  shift(x: number, y: number): void {
    this.left += x
    this.top += y
  }

  /** Back inside the edges of the world. */
  confine(x: number, y: number, width: number, height: number): void {
    if (this.left <= x) {
      this.left = x
      if (this.velocityX < 0) this.velocityX *= -this.bounce
      this.blocked.left = true
    } else if (this.right >= x + width) {
      this.left = max(x, x + width - this.width)
      if (this.velocityX > 0) this.velocityX *= -this.bounce
      this.blocked.right = true
    }
    if (this.top <= y) {
      this.top = y
      if (this.velocityY < 0) this.velocityY *= -this.bounce
      this.blocked.up = true
    } else if (this.bottom >= y + height) {
      this.top = max(y, y + height - this.height)
      if (this.velocityY > 0) this.velocityY *= -this.bounce
      this.blocked.down = true
    }
  }

  /** Puts the thing where its body is. */
  settle(): void {
    const x = this.left - this.#offsetX
    const y = this.top - this.#offsetY
    if (x !== this.#x || y !== this.#y) Handle.put(this.thing, x, y)
    this.#x = x
    this.#y = y
  }
}

/** How deep two bodies are in each other, and along which direction `b` leaves `a` soonest; undefined when they do not touch. */
export function contact(a: Body, b: Body): { x: number; y: number; depth: number } | undefined {
  const overX = min(a.right, b.right) - max(a.left, b.left)
  const overY = min(a.bottom, b.bottom) - max(a.top, b.top)
  if (overX <= 0 || overY <= 0) return undefined
  if (a.round && b.round) return apart(b.middleX - a.middleX, b.middleY - a.middleY, (a.width + b.width) / 2)
  if (a.round || b.round) {
    const circle = a.round ? a : b
    const box = a.round ? b : a
    const sign = a.round ? 1 : -1
    // The nearest point of the box; when that is inside the circle's own middle, the boxes decide.
    const x = max(box.left, min(circle.middleX, box.right)) - circle.middleX
    const y = max(box.top, min(circle.middleY, box.bottom)) - circle.middleY
    if (x !== 0 || y !== 0) {
      const found = apart(x, y, circle.width / 2)
      return found && { x: found.x * sign, y: found.y * sign, depth: found.depth }
    }
  }
  // The side on which they came together in this step; for those that were in each other already, the shorter way out.
  const wereOverX = overX - abs(b.movedX - a.movedX) > 0
  const wereOverY = overY - abs(b.movedY - a.movedY) > 0
  const alongX = wereOverX === wereOverY ? overX < overY : wereOverY
  if (alongX) return { x: b.middleX < a.middleX ? -1 : 1, y: 0, depth: overX }
  return { x: 0, y: b.middleY < a.middleY ? -1 : 1, depth: overY }
}

function apart(x: number, y: number, reach: number): { x: number; y: number; depth: number } | undefined {
  const distance = sqrt(x * x + y * y)
  if (distance >= reach) return undefined
  if (distance === 0) return { x: 0, y: 1, depth: reach }
  return { x: x / distance, y: y / distance, depth: reach - distance }
}
harden(Body)
