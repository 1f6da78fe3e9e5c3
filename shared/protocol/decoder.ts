// What a host sends, as a player's side reads it: messages as JSON in text, the state as bytes.
import type { Patch, ServerMessage } from './messages.ts'
import { StreamReader } from './packed/reader.ts'
import { DELTA, FULL } from './packed/tags.ts'

/** Reads one connection; each connection needs its own. */
export class ServerDecoder {
  #reader = new StreamReader()
  #tellsPatches: boolean

  /** `tellsPatches`: a delta has its patch too, for somebody who keeps a copy of the state elsewhere. */
  constructor({ tellsPatches = false }: { tellsPatches?: boolean } = {}) {
    this.#tellsPatches = tellsPatches
  }

  /**
   * The message; undefined: malformed, or a change of a state that this connection has not got. Throws on text that is not JSON.
   * There is one state of a connection: a delta has changed it in place, or, when malformed, left it as it was.
   */
  decode(data: string | Uint8Array): ServerMessage | undefined {
    if (typeof data === 'string') return JSON.parse(data)
    let f = 0
    let at = 1
    for (let scale = 1; ; scale *= 128) {
      const byte = data[at++]
      if (byte === undefined || at > 9) return undefined
      f += (byte & 127) * scale
      if (byte < 128) break
    }
    if (data[0] === FULL) {
      const s = this.#reader.full(data, at)
      return s === undefined ? undefined : { t: 'full', f, s }
    }
    const d: Patch | undefined = this.#tellsPatches ? {} : undefined
    if (data[0] !== DELTA || !this.#reader.delta(data, at, d)) return undefined
    return { t: 'delta', f, s: this.#reader.state, d }
  }
}
