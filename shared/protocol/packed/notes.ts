// What a change will do to a state once all of it has been read: others look at the state, and are never to see half of a change.
import type { Json } from '../messages.ts'

/** A container of plain JSON. Keys are never `__proto__`, so an assignment is one of its own. */
export type Container = Record<string | number, Json>
const KEPT = 1_000 // notes whose memory is used again: that is less work than new arrays for each change

export class Notes {
  #targets: Container[] = []
  #keys: (string | number)[] = []
  #values: (Json | undefined)[] = []
  #length = 0

  /** `target` gets this value; undefined: it loses the key. */
  put(target: Container, key: string | number, value: Json | undefined): void {
    this.#targets[this.#length] = target
    this.#keys[this.#length] = key
    this.#values[this.#length++] = value
  }

  /** Does what was noted, in order. */
  apply(): void {
    for (let i = 0; i < this.#length; i++) {
      const value = this.#values[i]
      if (value === undefined) delete this.#targets[i]![this.#keys[i]!]
      else this.#targets[i]![this.#keys[i]!] = value
    }
    this.clear()
  }

  clear(): void {
    if (this.#length > KEPT) {
      this.#targets.length = KEPT
      this.#keys.length = KEPT
      this.#values.length = KEPT
    }
    this.#length = 0
  }
}
