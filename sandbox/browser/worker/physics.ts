// Arcade physics in the worker, so that a callback is called where the game can act on it at once. Steps have a fixed length: what a game does
// depends on how many have passed, not on how fast its player's screen is.
import { Body, contact } from './body.ts'
import { add, harden, isArray, type List, list, max, SafeMap, TypeProblem, takeOut } from './safe.ts'
import { Handle } from './things.ts'

const STEP_S = 1 / 60
const MAX_STEPS = 5 // of one frame; a browser slower than 12 frames a second sees a slower world
const BRUTE = 256 // pairs that are tried one by one; more are sorted first

interface Pairs {
  a: Colliding
  b: Colliding
  pushes: boolean
  callback: ((a: Thing, b: Thing) => void) | undefined
}

export class World implements Physics {
  gravity = { x: 0, y: 0 }
  bounds: { x: number; y: number; width: number; height: number }
  readonly #bodies = new SafeMap<Thing, Body>()
  readonly #pairs = list<Pairs>()
  readonly #report: (error: unknown) => void
  #owed = 0

  constructor(width: number, height: number, report: (error: unknown) => void) {
    this.bounds = { x: 0, y: 0, width, height }
    this.#report = report
  }

  add(thing: Thing, config: BodyConfig = {}): PhysicsBody {
    if (!(thing instanceof Handle)) throw new TypeProblem('physics.add: the first argument must be a thing')
    const body = new Body(thing, config)
    if (thing.alive) {
      this.#bodies.set(thing, body)
      Handle.embody(thing, body)
    }
    return body
  }

  remove(thing: Thing): void {
    if (this.#bodies.delete(thing)) Handle.embody(thing as Handle, undefined)
  }

  collide(a: Colliding, b: Colliding, callback?: (a: Thing, b: Thing) => void): Collider {
    return this.#watch({ a, b, pushes: true, callback })
  }

  overlap(a: Colliding, b: Colliding, callback: (a: Thing, b: Thing) => void): Collider {
    return this.#watch({ a, b, pushes: false, callback })
  }

  /** Lets `seconds` pass. */
  advance(seconds: number): void {
    if (this.#bodies.size === 0) return
    this.#owed += seconds
    for (let steps = 0; this.#owed >= STEP_S - 1e-6; steps++) {
      this.#owed = max(0, this.#owed - STEP_S)
      if (steps < MAX_STEPS) this.#step()
    }
  }

  #watch(pairs: Pairs): Collider {
    if (pairs.callback !== undefined && typeof pairs.callback !== 'function')
      throw new TypeProblem('physics: the callback must be a function')
    add(this.#pairs, pairs)
    return { destroy: () => takeOut(this.#pairs, pairs) }
  }

  #step(): void {
    const { gravity, bounds } = this
    this.#bodies.forEach((body) => {
      body.look()
      if (!body.enabled) return
      body.move(STEP_S, gravity)
      if (body.bounds) body.confine(bounds.x, bounds.y, bounds.width, bounds.height)
      body.settle()
    })
    const count = this.#pairs.length
    for (let i = 0; i < count; i++) {
      const pairs = this.#pairs[i]
      if (pairs) this.#meet(pairs)
    }
  }

  #meet(pairs: Pairs): void {
    const a = this.#bodiesOf(pairs.a)
    const b = pairs.b === pairs.a ? a : this.#bodiesOf(pairs.b)
    if (a.length * b.length <= BRUTE) {
      for (let i = 0; i < a.length; i++)
        for (let k = a === b ? i + 1 : 0; k < b.length; k++) this.#touch(pairs, a[i]!, b[k]!)
      return
    }
    // Sorted by their left edges, each is tried only with those that begin before it ends.
    const left = sorted(a)
    const right = a === b ? left : sorted(b)
    const widest = widestOf(right)
    let from = 0
    for (let i = 0; i < left.length; i++) {
      const one = left[i]!
      while (from < right.length && right[from]!.left + widest < one.left) from++
      for (let k = a === b ? i + 1 : from; k < right.length && right[k]!.left < one.right; k++)
        this.#touch(pairs, one, right[k]!)
    }
  }

  #touch({ pushes, callback }: Pairs, a: Body, b: Body): void {
    if (a === b || !a.enabled || !b.enabled || !a.thing.alive || !b.thing.alive) return
    const found = contact(a, b)
    if (!found) return
    if (pushes) this.#push(a, b, found)
    if (!callback) return
    try {
      callback(a.thing, b.thing)
    } catch (error) {
      this.#report(error)
    }
  }

  #push(a: Body, b: Body, { x, y, depth }: { x: number; y: number; depth: number }): void {
    if (a.immovable && b.immovable) return
    const total = max(1e-9, a.mass + b.mass)
    const partA = a.immovable ? 0 : b.immovable ? 1 : b.mass / total
    a.shift(-x * depth * partA, -y * depth * partA)
    b.shift(x * depth * (1 - partA), y * depth * (1 - partA))
    const closing = (a.velocityX - b.velocityX) * x + (a.velocityY - b.velocityY) * y
    if (closing > 0) {
      const change = closing * (1 + max(a.bounce, b.bounce))
      a.velocityX -= x * change * partA
      a.velocityY -= y * change * partA
      b.velocityX += x * change * (1 - partA)
      b.velocityY += y * change * (1 - partA)
    }
    if (b.immovable || !a.immovable) mark(a, x, y)
    if (a.immovable || !b.immovable) mark(b, -x, -y)
    a.settle()
    b.settle()
  }

  #bodiesOf(who: Colliding): List<Body> {
    const found = list<Body>()
    const take = (thing: Thing) => {
      const body = this.#bodies.get(thing)
      if (!body?.enabled) return
      body.look()
      add(found, body)
    }
    if (who instanceof Handle) take(who)
    else if (isArray(who)) for (let i = 0; i < who.length; i++) take(who[i])
    else if (typeof (who as Group<never, never>)?.forEach === 'function') (who as Group<never, Thing>).forEach(take)
    return found
  }
}

/** The side of a body that something in direction x, y is at. */
function mark({ blocked }: Body, x: number, y: number): void {
  if (x > 0.5) blocked.right = true
  if (x < -0.5) blocked.left = true
  if (y > 0.5) blocked.down = true
  if (y < -0.5) blocked.up = true
}

function widestOf(bodies: List<Body>): number {
  let widest = 0
  for (let i = 0; i < bodies.length; i++) widest = max(widest, bodies[i]!.width)
  return widest
}

/** By left edge, in merge sort: the sort of arrays could be the creator's own by now. */
function sorted(bodies: List<Body>): List<Body> {
  let from = list<Body>()
  for (let i = 0; i < bodies.length; i++) add(from, bodies[i]!)
  for (let size = 1; size < from.length; size *= 2) {
    const to = list<Body>()
    for (let start = 0; start < from.length; start += 2 * size) {
      let one = start
      let other = start + size
      const oneEnd = other < from.length ? other : from.length
      const otherEnd = other + size < from.length ? other + size : from.length
      while (one < oneEnd || other < otherEnd) {
        const first = other >= otherEnd || (one < oneEnd && from[one]!.left <= from[other]!.left)
        add(to, from[first ? one++ : other++]!)
      }
    }
    from = to
  }
  return from
}
harden(World)
