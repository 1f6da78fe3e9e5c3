// What a game without server.js says through its room: the data of the actions `state` and `input`, and the view that players get.
import { encode } from './codec.ts'
import { makePatch } from './delta.ts'
import type { Json, Patch } from './messages.ts'

/** What the room shows a player. Of two states the one of the later time as host (`e`), then of the higher number (`n`), is newer. */
export interface RelayView {
  /** The host's id; empty while there is none. */
  h: string
  e: number
  n: number
  /** The host's state. */
  s: Json
  /** For the host: what each player sent last, with that player's own number of it. */
  i?: Record<string, [n: number, input: Json]>
}

/** State number `n`: `p` changes number `b`, or any state when that is null. Long ones come as parts of the JSON of all that. */
export type StateMessage =
  | { e: number; n: number; b: number | null; p: Patch }
  | { e: number; i: number; of: number; x: string }

const PART_CHARS = 5_000 // at most three bytes each in UTF-8, or two as an escaped quote: below the 16 KiB of a message
export const MAX_STATE_PARTS = 32
const MAX_WHOLE_CHARS = 5_000
const MAX_WHOLE_DEPTH = 10 // of the patch; a message may be 16 deep

/** The messages, none if nothing changed, that bring the room from state number `b` (null: from anything) to `after`, which is number `n` of time `e`. */
export function stateMessages(
  before: { n: number; value: Json } | undefined,
  after: Json,
  { e, n }: { e: number; n: number },
): StateMessage[] {
  const patch = before ? makePatch(before.value, after) : { v: after }
  if (patch === undefined) return []
  const change = { n, b: before ? before.n : null, p: patch }
  const text = JSON.stringify(change)
  if (text.length <= MAX_WHOLE_CHARS && !isDeeper(patch as Json, MAX_WHOLE_DEPTH)) return [{ e, ...change }]
  const of = Math.ceil(text.length / PART_CHARS)
  return Array.from({ length: of }, (_, i) => ({ e, i, of, x: text.slice(i * PART_CHARS, (i + 1) * PART_CHARS) }))
}

/** How many bytes the action `state` with this data is on the wire, about. */
export const sizeOf = (message: StateMessage): number =>
  encode({ t: 'act', a: 'state', d: message as unknown as Json }).length

/** Whether a value is nested more than `levels` deep. */
export const isDeeper = (value: Json, levels: number): boolean =>
  typeof value === 'object' &&
  value !== null &&
  (levels === 0 || Object.values(value).some((inner) => isDeeper(inner, levels - 1)))
