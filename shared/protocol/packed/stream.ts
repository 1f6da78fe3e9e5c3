// The writing side of a stream of states (SPEC, State in bytes). It keeps what readers have, and packs what changes into few bytes.
// Captures what it calls, as all code inside the isolate.
import { begin } from '../canonical.ts'
import type { Json } from '../messages.ts'
import * as bytes from './bytes.ts'
import { Changes, diff } from './diff.ts'
import { Parts } from './shown.ts'
import * as tag from './tags.ts'
import { list, Node, toJson, type Value } from './tree.ts'
import { Shapes, writeLeaf } from './write.ts'

export interface StreamOptions {
  /** Decimal places that readers get; undefined: whole numbers exactly, others as 32-bit floats. */
  precision?: number | undefined
  /** Stands for the value in errors. */
  name?: string
  /** Of its JSON; a value that clearly has more is refused. */
  maxChars?: number
  /** Others may show parts of it. */
  isShown?: boolean
  /** The stream of a value of which this one shows parts; it is walked, and committed, before this one, of the same precision. */
  of?: Stream
}

/** How readers get from one state to the next. */
export interface Change {
  /** Whether it is another state at all. */
  changed: boolean
  /** One a character; empty when readers need not notice. */
  bytes: string
  /** How many characters longer its JSON has become, at most. */
  growth: number
}

export class Stream {
  #root = new Node(null)
  #name: string
  #maxChars: number
  #precision: number | undefined
  #factor: number | undefined
  #shapes = new Shapes()
  #changes = new Changes()
  #parts: Parts | undefined
  #of: Stream | undefined

  /** Starts with a copy of `value`, which is brought to canonical form. Throws StateError, which is a TooLargeError where `maxChars` is passed. */
  constructor(value: unknown, options: StreamOptions = {}) {
    const { precision, name = 'state', maxChars = Infinity, isShown = false, of } = options
    this.#parts = isShown ? new Parts() : undefined
    this.#of = of
    this.#name = name
    this.#maxChars = maxChars
    this.#precision = precision
    this.#factor = precision === undefined ? undefined : 10 ** precision
    this.#root.values[0] = null
    this.diff(value)
    this.commit()
  }

  /**
   * How readers get from the last commit to `value`, which is brought to canonical form. The stream stays as it is until `commit`. Throws StateError.
   */
  diff(value: unknown): Change {
    begin(this.#name, this.#maxChars)
    const changes = this.#changes
    changes.clear()
    this.#shapes.rollback()
    const box = list<Json>()
    box[0] = value === undefined ? null : (value as Json)
    const start = bytes.at
    const notes = this.#parts
    notes?.begin()
    try {
      const growth = diff(this.#root, box, {
        factor: this.#factor,
        shapes: this.#shapes,
        changes,
        notes,
        shown: this.#of ? this.#of.#parts : undefined,
      })
      notes?.end()
      return { changed: changes.length > 0, bytes: bytes.take(start), growth }
    } catch (error) {
      changes.clear()
      notes?.fail()
      bytes.rewind(start)
      throw error
    }
  }

  /** Readers have been sent the bytes of the last `diff`. */
  commit(): void {
    this.#changes.apply()
    this.#changes.clear()
    this.#shapes.commit()
  }

  /** All that a new reader needs, as bytes (one a character). */
  full(): string {
    const start = bytes.at
    bytes.byte(this.#precision === undefined ? 0 : this.#precision + 1)
    this.#shapes.writeAll()
    this.#write(this.#root.values[0]!)
    return bytes.take(start)
  }

  #write(value: Value): void {
    if (!(value instanceof Node)) {
      writeLeaf(value, this.#factor)
      return
    }
    const { keys, values } = value
    if (keys === null) {
      bytes.byte(tag.ARRAY)
      bytes.varint(values.length)
    } else this.#shapes.write(keys, false)
    for (let i = 0; i < values.length; i++) this.#write(values[i]!)
  }

  /** A copy of what the last commit was of. */
  copy(): Json {
    const value = this.#root.values[0]!
    return value instanceof Node ? toJson(value) : value
  }
}
