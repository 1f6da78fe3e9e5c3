// Collects what the creator's code did to its things since the last frame, as one batch.
import { type Command, ENTITY_LIMIT, MAX_COMMANDS, MAX_ENTITIES, TRANSFORM } from '../frame.ts'

/** The numbers of a thing that usually change every frame. */
export interface Transform {
  glide: boolean
  x: number
  y: number
  rotation: number
  scale: number
  alpha: number
}

export class Screen {
  #commands: Command[] = []
  #lastId = 0
  readonly #things = new Map<number, { transform: Transform; destroy(): void }>()
  readonly #moved = new Set<number>()

  /** A number for a new thing. Throws when there are too many. */
  newId(): number {
    if (this.#things.size >= MAX_ENTITIES) throw new Error(ENTITY_LIMIT)
    return ++this.#lastId
  }

  add(id: number, thing: { transform: Transform; destroy(): void }, command: Command): void {
    this.#things.set(id, thing)
    this.do(command)
  }

  find(id: number): { destroy(): void } | undefined {
    return this.#things.get(id)
  }

  has(id: number): boolean {
    return this.#things.has(id)
  }

  remove(id: number): void {
    this.#moved.delete(id)
    if (this.#things.delete(id)) this.do({ c: 'destroy', id })
  }

  moved(id: number): void {
    if (this.#things.has(id)) this.#moved.add(id)
  }

  /** Commands past the limit of a batch wait for the next one. */
  do(command: Command): void {
    this.#commands[this.#commands.length] = command
  }

  /** Everything since the last call. */
  take(): { commands: Command[]; transforms: Float64Array } {
    const commands = this.#commands.splice(0, MAX_COMMANDS)
    if (this.#commands.length > 0) return { commands, transforms: new Float64Array() } // some things are not made yet
    const transforms = new Float64Array(this.#moved.size * TRANSFORM)
    let at = 0
    for (const id of this.#moved) {
      const { glide, x, y, rotation, scale, alpha } = this.#things.get(id)!.transform
      transforms.set([id, glide ? 1 : 0, x, y, rotation, scale, alpha], at)
      at += TRANSFORM
    }
    this.#moved.clear()
    return { commands, transforms }
  }
}
