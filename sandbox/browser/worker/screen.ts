// Collects what the creator's code did to its things since the last frame, as one batch.
import { type Command, ENTITY_LIMIT, MAX_COMMANDS, MAX_ENTITIES, TRANSFORM } from '../frame.ts'
import { add, Float64, type List, list, Problem, SafeMap, SafeSet } from './safe.ts'

const MAX_WAITING = 10 * MAX_COMMANDS // a game that always asks for more than a batch takes would fill its memory with them

/** The numbers of a thing that usually change every frame. */
export interface Transform {
  glide: boolean
  x: number
  y: number
  rotation: number
  scale: number
  alpha: number
}
interface Entry {
  transform: Transform
  thing: Thing
}

export class Screen {
  #commands: List<Command> = list()
  #lastId = 0
  readonly #things = new SafeMap<number, Entry>()
  readonly #moved = new SafeSet<number>()
  /** Called with each thing that is destroyed. */
  onRemove: ((thing: Thing) => void) | undefined

  /** A number for a new thing. Throws when there are too many. */
  newId(): number {
    if (this.#things.size >= MAX_ENTITIES) throw new Problem(ENTITY_LIMIT)
    return ++this.#lastId
  }

  get size(): number {
    return this.#things.size
  }

  add(id: number, thing: Thing, transform: Transform, command: Command): void {
    this.do(command)
    this.#things.set(id, { thing, transform })
  }

  has(id: number): boolean {
    return this.#things.has(id)
  }

  forEach(callback: (thing: Thing, transform: Readonly<Transform>) => void): void {
    this.#things.forEach(({ thing, transform }) => {
      callback(thing, transform)
    })
  }

  remove(id: number): void {
    const entry = this.#things.get(id)
    if (!entry) return
    this.#moved.delete(id)
    this.#things.delete(id)
    this.do({ c: 'destroy', id })
    this.onRemove?.(entry.thing)
  }

  moved(id: number): void {
    if (this.#things.has(id)) this.#moved.add(id)
  }

  /**
   * Commands past the limit of a batch wait for the next one. Throws when too many wait; only what takes a thing away is always accepted, and
   * of that there is no more than there were things.
   */
  do(command: Command): void {
    if (this.#commands.length >= MAX_WAITING && command.c !== 'destroy')
      throw new Problem(
        `Too many changes wait to be drawn: a frame takes ${MAX_COMMANDS}. Change only what has to change`,
      )
    add(this.#commands, command)
  }

  /** Everything since the last call. */
  take(): { commands: List<Command>; transforms: Float64Array } {
    const all = this.#commands
    this.#commands = list()
    if (all.length > MAX_COMMANDS) {
      for (let i = MAX_COMMANDS; i < all.length; i++) add(this.#commands, all[i]!)
      all.length = MAX_COMMANDS
      return { commands: all, transforms: new Float64(0) } // some things are not made yet
    }
    const transforms = new Float64(this.#moved.size * TRANSFORM)
    let at = 0
    this.#moved.forEach((id) => {
      const { glide, x, y, rotation, scale, alpha } = this.#things.get(id)!.transform
      transforms[at++] = id
      transforms[at++] = glide ? 1 : 0
      transforms[at++] = x
      transforms[at++] = y
      transforms[at++] = rotation
      transforms[at++] = scale
      transforms[at++] = alpha
    })
    this.#moved.clear()
    return { commands: all, transforms }
  }
}
