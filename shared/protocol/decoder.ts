// What a host sends, as a player's side reads it: messages as JSON in text, the state as bytes.
import type { ServerMessage } from './messages.ts'
import { StreamReader } from './packed/reader.ts'
import { DELTA, FULL } from './packed/tags.ts'

/** Reads one connection; each connection needs its own. */
export class ServerDecoder {
  #reader = new StreamReader()

  /** The message; undefined: malformed, or a change of a state that this connection has not got. Throws on text that is not JSON. */
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
    const d = data[0] === DELTA ? this.#reader.delta(data, at) : undefined
    return d && { t: 'delta', f, d }
  }
}
