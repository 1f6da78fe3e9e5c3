// What players' browsers tell each other directly, in games that want it: states of the host, inputs for the host. All of it is hostile to
// whoever hears it, may come in any order, twice or never, and goes through the room too.
import { MAX_INPUT_CHARS, MAX_PEER_BYTES, MAX_STATE_DEPTH } from '../limits.ts'
import type { Json } from './messages.ts'
import { StreamReader } from './packed/reader.ts'
import { Stream } from './packed/stream.ts'
import { isDeeper } from './relay.ts'

const [STATE, INPUT] = [1, 2]
const STATE_HEAD = 17 // kind, e, n

/** `e`, `n`: as in relay.ts. */
export type PeerMessage =
  | { kind: 'state'; e: number; n: number; value: Json }
  | { kind: 'input'; n: number; input: Json }

/** The bytes of state number `n` of time `e`; undefined when they are too many, and everybody waits for the room. */
export function packState(e: number, n: number, value: Json): Uint8Array<ArrayBuffer> | undefined {
  const text = new Stream(value).full()
  if (STATE_HEAD + text.length > MAX_PEER_BYTES) return undefined
  const bytes = new Uint8Array(STATE_HEAD + text.length)
  const head = new DataView(bytes.buffer)
  head.setUint8(0, STATE!)
  head.setFloat64(1, e)
  head.setFloat64(9, n)
  for (let i = 0; i < text.length; i++) bytes[STATE_HEAD + i] = text.charCodeAt(i)
  return bytes
}

/** The bytes of a player's input number `n`. */
export function packInput(n: number, input: Json): Uint8Array<ArrayBuffer> {
  const text = new TextEncoder().encode(JSON.stringify([n, input]))
  const bytes = new Uint8Array(1 + text.length)
  bytes[0] = INPUT!
  bytes.set(text, 1)
  return bytes
}

/** What another browser said; undefined: not what ours would say. */
export function readPeerMessage(bytes: Uint8Array<ArrayBuffer>): PeerMessage | undefined {
  if (bytes.length > MAX_PEER_BYTES) return undefined
  return bytes[0] === STATE ? readState(bytes) : bytes[0] === INPUT ? readInput(bytes) : undefined
}

function readState(bytes: Uint8Array<ArrayBuffer>): PeerMessage | undefined {
  if (bytes.length <= STATE_HEAD) return undefined
  const head = new DataView(bytes.buffer, bytes.byteOffset)
  const [e, n] = [head.getFloat64(1), head.getFloat64(9)]
  const value = new StreamReader().full(bytes, STATE_HEAD)
  return value !== undefined && Number.isSafeInteger(e) && Number.isSafeInteger(n)
    ? { kind: 'state', e, n, value }
    : undefined
}

function readInput(bytes: Uint8Array<ArrayBuffer>): PeerMessage | undefined {
  let value: unknown
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(1)))
  } catch {
    return undefined
  }
  if (!Array.isArray(value) || value.length !== 2) return undefined
  const [n, input] = value as [unknown, Json]
  const fits = Number.isSafeInteger(n) && !isDeeper(input, MAX_STATE_DEPTH)
  return fits && JSON.stringify(input).length <= MAX_INPUT_CHARS ? { kind: 'input', n: n as number, input } : undefined
}
