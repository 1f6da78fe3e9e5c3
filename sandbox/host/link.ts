// What a game host and its supervisor say to each other: one JSON object a line, over a unix socket of that game alone.
// The socket is the identity: no message says which game it speaks for. The supervisor checks every line of a host, which trusts it.

import type { Budgets } from '@sandlot/shared/budgets.ts'
import {
  codeProblem,
  type storeEntries,
  storeName,
  storeValue,
  turnedAwaySchema,
  usageSchema,
} from '@sandlot/shared/contract.ts'
import { buildId, playerId, roomId } from '@sandlot/shared/ids.ts'
import { MAX_LOG_CHARS } from '@sandlot/shared/limits.ts'
import { END_REASONS } from '@sandlot/shared/reasons.ts'
import { z } from 'zod'
import { jsonLines } from './lines.ts'

/** Supervisor -> host. `dir` is the folder of one checked build (see sandbox/build). */
export type ToHost =
  /** First message: the game's name, what its rooms keep in the store, what it may use, and the build to start with. Answered by `ready`. */
  | { t: 'start'; game: string; dir: string; store: z.infer<typeof storeEntries>; budgets: Budgets }
  /** A new build. Answered by `loaded`. */
  | { t: 'load'; dir: string }
  /** Makes the room unless it is there. Answered by `ensured` with the same `id`. */
  | { t: 'ensure'; id: number; room: string }
  | { t: 'close'; room: string }
  /** Stop: tell the players to reconnect, then exit. */
  | { t: 'stop' }

/** Host -> supervisor. */
export const fromHost = z.discriminatedUnion('t', [
  /** Listening; rooms can be made. */
  z.object({ t: z.literal('ready'), build: buildId }),
  /** At least every second, sent by the frame loop itself: a host that loops inside a room falls silent. */
  z.object({ t: z.literal('beat'), rooms: z.int(), players: z.int() }),
  /** The outcome of `load`. `problem` null: new rooms begin with it, the first room runs it, and the others follow one by one. */
  z.object({ t: z.literal('loaded'), build: buildId, problem: codeProblem.nullable() }),
  z.object({
    t: z.literal('ensured'),
    id: z.int(),
    outcome: z.enum(['ok', 'ended', 'too-many-rooms', 'failed']),
    problem: codeProblem.nullable(),
  }),
  z.object({ t: z.literal('ended'), room: roomId, reason: z.enum(END_REASONS), result: z.json() }),
  z.object({ t: z.literal('seat'), room: roomId, player: playerId, event: z.enum(['joined', 'left']) }),
  /** A line for the creator; `room` null: about the game as a whole. */
  z.object({ t: z.literal('log'), room: roomId.nullable(), text: z.string().max(MAX_LOG_CHARS) }),
  /** A creator's error in a running room, or null when the room steps without one again. */
  z.object({ t: z.literal('problem'), problem: codeProblem.nullable() }),
  /** What the game uses of its budgets, and which players were turned away; about once a second. */
  z.object({ t: z.literal('usage'), usage: usageSchema, turnedAway: turnedAwaySchema }),
  z.object({ t: z.literal('store'), name: storeName, value: storeValue.nullable() }),
])
export type FromHost = z.infer<typeof fromHost>

/** Splits a text stream into checked messages. A line that is too long, not JSON or not of `schema` is handed to `onBad` once; then the reader is deaf. */
export function lineReader<T>(
  schema: z.ZodType<T>,
  onMessage: (message: T) => void,
  onBad: (why: string) => void,
): (chunk: string) => void {
  return jsonLines(
    (value) => {
      const parsed = schema.safeParse(value)
      if (!parsed.success) throw new Error(z.prettifyError(parsed.error))
      onMessage(parsed.data)
    },
    (error) => onBad(error.message),
  )
}
