// room.store inside the isolate: a copy of what the game keeps, with writes that can be undone. Captures what it calls, as all guest code.
import { MAX_STORE_KEY_CHARS, MAX_STORE_NAMES } from '@sandlot/shared/limits.ts'
import { plain, put, TooLargeError } from '@sandlot/shared/protocol/canonical.ts'
import type { Json } from '@sandlot/shared/protocol/messages.ts'

const { parse, stringify } = JSON
const { create, keys: keysOf } = Object
const ErrorType = Error
const charCode = Function.prototype.call.bind(String.prototype.charCodeAt) as (text: string, at: number) => number
const test = Function.prototype.call.bind(RegExp.prototype.test) as (pattern: RegExp, text: string) => boolean
const CONTROL = /[\p{Cc}\p{Cs}]/u // Postgres takes no NUL, and half a pair is no text

/** Bytes of `text` in UTF-8, which is what Postgres keeps. */
function utf8Bytes(text: string): number {
  let bytes = text.length
  for (let i = 0; i < text.length; i++) {
    const code = charCode(text, i)
    if (code > 0x7f) bytes += code > 0x7ff && (code < 0xd800 || code > 0xdfff) ? 2 : 1 // half of a pair counts 2, the pair 4
  }
  return bytes
}

export class Store {
  maxBytes = 0
  #onFull: () => void
  #texts: Record<string, string> = create(null) // JSON text by name: a value handed out can be changed without changing the store
  #bytes = 0
  #names = 0
  #undo: { name: string; text: string | undefined }[] = []
  #written: Record<string, true> = create(null) // names

  /** `onFull` is called when a write is refused because the store is full. */
  constructor(onFull: () => void) {
    this.#onFull = onFull
  }

  fill(entries: [string, Json][]): void {
    for (let i = 0; i < entries.length; i++) this.#put(entries[i]![0], stringify(entries[i]![1]))
  }

  /** A write by another room of the game. */
  accept(name: string, value: Json): void {
    this.#put(name, value === null ? undefined : stringify(value))
  }

  get(name: string): Json {
    const text = this.#texts[name]
    return text === undefined ? null : parse(text)
  }

  /** Throws when the name is not a short text or the game's store would be over its limit. */
  set(name: string, value: unknown): void {
    if (typeof name !== 'string' || name === '' || name.length > MAX_STORE_KEY_CHARS || test(CONTROL, name)) {
      throw new ErrorType(
        `room.store: a name must be a text of 1 to ${MAX_STORE_KEY_CHARS} characters, without control characters`,
      )
    }
    const text = value === undefined || value === null ? undefined : this.#text(value)
    const old = this.#texts[name]
    if (old === undefined && text === undefined) return // there is nothing to take away
    if (old === undefined && text !== undefined && this.#names >= MAX_STORE_NAMES) {
      this.#onFull()
      throw new ErrorType(`room.store: over the limit of ${MAX_STORE_NAMES} names for all that this game keeps`)
    }
    const bytes = this.#bytes + this.#size(name, text) - this.#size(name, old)
    if (bytes > this.maxBytes) this.#full()
    put(this.#undo, this.#undo.length, { name, text: old })
    this.#put(name, text)
  }

  #text(value: unknown): string {
    try {
      return stringify(plain(value, 'value', this.maxBytes))
    } catch (thrown) {
      if (thrown instanceof TooLargeError) this.#full()
      throw thrown
    }
  }

  #full(): never {
    this.#onFull()
    throw new ErrorType(`room.store: over the limit of ${this.maxBytes} bytes for all that this game keeps`)
  }

  #size(name: string, text: string | undefined): number {
    return text === undefined ? 0 : utf8Bytes(name) + utf8Bytes(text)
  }

  #put(name: string, text: string | undefined): void {
    this.#bytes += this.#size(name, text) - this.#size(name, this.#texts[name])
    if (this.#texts[name] !== undefined) this.#names--
    if (text === undefined) delete this.#texts[name]
    else {
      this.#texts[name] = text
      this.#names++
    }
  }

  /** Takes back the writes since the last commit. */
  undo(): void {
    for (let i = this.#undo.length - 1; i >= 0; i--) this.#put(this.#undo[i]!.name, this.#undo[i]!.text)
    this.#undo = []
  }

  commit(): void {
    for (let i = 0; i < this.#undo.length; i++) this.#written[this.#undo[i]!.name] = true
    this.#undo = []
  }

  /** The committed writes since the last call, the last one of each name. */
  drain(): [string, Json][] {
    const names = keysOf(this.#written)
    const written: [string, Json][] = []
    for (let i = 0; i < names.length; i++) put(written, i, [names[i]!, this.get(names[i]!)])
    this.#written = create(null)
    return written
  }
}
