// What may be said at the two doors of the link. Both sides of each door check every input and every answer against these schemas.
import { z } from 'zod'
import { METERS, type Usage } from './budgets.ts'
import { buildId, gameId, playerId, reportKey, roomId, userId } from './ids.ts'
import {
  MAX_FILE_BYTES,
  MAX_GAME_FILES,
  MAX_LOG_CHARS,
  MAX_PATH_LENGTH,
  MAX_RESULT_CHARS,
  MAX_STATE_DEPTH,
  MAX_STORE_BYTES,
  MAX_STORE_KEY_CHARS,
  MAX_STORE_NAMES,
} from './limits.ts'
import { manifestSchema } from './manifest.ts'
import type { Json } from './protocol/messages.ts'
import { END_REASONS } from './reasons.ts'
import { CLOSED_WORDS, type Closing, REFUSED_WORDS, type Refusing, type TurnedAway } from './traffic.ts'

const MAX_WORDS = 8_000 // a sentence for a person, with a path or two in it
const MAX_GAMES = 10_000 // of one node

/** JSON without the pitfalls of either side: no deeper than MAX_STATE_DEPTH, and no key that JavaScript takes for something else. */
const json = z.custom<Json>(
  (value) => isPlain(value, MAX_STATE_DEPTH),
  'must be JSON, not too deep, without "__proto__"',
)

function isPlain(value: unknown, depth: number): boolean {
  if (typeof value === 'number') return Number.isFinite(value)
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return true
  if (typeof value !== 'object' || depth === 0) return false
  if (Array.isArray(value)) return value.every((item) => isPlain(item, depth - 1))
  return Object.entries(value).every(([key, item]) => key !== '__proto__' && isPlain(item, depth - 1))
}

/** A path inside a game's folder: relative, `/` between names, no `.` or `..`, no control or half characters, nothing hidden. */
export const filePath = z
  .string()
  .min(1)
  .max(MAX_PATH_LENGTH)
  .refine(
    (path) => path.split('/').every((name) => name !== '' && !name.startsWith('.') && !/[\\\p{Cc}\p{Cs}]/u.test(name)),
    'must be a path inside the game folder, such as "assets/ship.png"',
  )
/** SHA-256 of a file's bytes in hex. */
export const fileHash = z.string().regex(/^[0-9a-f]{64}$/)
export const templateId = z.enum(['hello', 'pong', 'tic-tac-toe', 'arena', 'paint', 'sumo'])
export const sshKey = z
  .string()
  .max(2_000)
  .regex(
    /^(ssh-ed25519|ecdsa-sha2-nistp(256|384|521)|sk-ssh-ed25519@openssh\.com|ssh-rsa) [A-Za-z0-9+/=]+( [\w@.:+-]{0,100})?$/,
    'is not an SSH public key (paste the line of your .pub file)',
  )

/** Where a creator's code is wrong: line and column count from 1. */
export const codeProblem = z.object({
  message: z.string().max(2_000),
  file: z.string().max(MAX_PATH_LENGTH).optional(),
  line: z.int().optional(),
  column: z.int().optional(),
  stack: z.string().max(4_000).optional(),
})

const meter = z.object({ used: z.number().nonnegative(), limit: z.number().positive(), over: z.int().nonnegative() })
/** What a game uses of each of its budgets (budgets.ts). */
export const usageSchema: z.ZodType<Usage> = z.object(
  Object.fromEntries(METERS.map((name) => [name, meter])) as Record<keyof Usage, typeof meter>,
)

const counts = <K extends string>(words: Readonly<Record<K, unknown>>) =>
  z.partialRecord(z.enum(Object.keys(words) as K[]), z.int().nonnegative())
/** Players who were turned away (traffic.ts). */
export const turnedAwaySchema: z.ZodType<TurnedAway> = z.object({
  lagged: z.int().nonnegative(),
  closed: counts<Closing>(CLOSED_WORDS),
  refused: counts<Refusing>(REFUSED_WORDS),
})

// The control door: website -> supervisor

export const createGame = z.strictObject({
  game: gameId,
  owner: userId,
  template: templateId,
  title: z
    .string()
    .trim()
    .min(1)
    .max(60)
    .refine((title) => !/[\p{Cc}\p{Cs}]/u.test(title), 'must not have control characters or half characters'),
})
export const oneGame = z.strictObject({ game: gameId })
export const oneFile = z.strictObject({ game: gameId, path: filePath })
export const gameFile = z.object({ path: filePath, bytes: z.int().nonnegative(), hash: fileHash, text: z.boolean() })
/** `replaces` is the hash of the version that the writer has seen, null for a new file: no edit is ever lost to another. */
export const writeFile = z.strictObject({
  game: gameId,
  path: filePath,
  content: z
    .string()
    .max(Math.ceil((MAX_FILE_BYTES * 4) / 3))
    .refine((text) => text.isWellFormed(), 'has half of a character'),
  encoding: z.enum(['utf8', 'base64']).default('utf8'),
  replaces: fileHash.nullable(),
})
export const removeFile = z.strictObject({ game: gameId, path: filePath, replaces: fileHash })
export const fileContent = z.object({
  path: filePath,
  content: z.string().max(Math.ceil((MAX_FILE_BYTES * 4) / 3) + 4),
  encoding: z.enum(['utf8', 'base64']),
  hash: fileHash,
})
export const fileProblem = z.enum([
  'no-such-game',
  'no-such-file',
  'changed-meanwhile',
  'too-large',
  'too-many-files',
  'too-deep',
  'not-a-file',
  'disk-full',
])
export const writeAnswer = z.discriminatedUnion('ok', [
  z.object({ ok: z.literal(true), hash: fileHash }),
  /** `current` is the hash of what is there now, null when nothing is. */
  z.object({ ok: z.literal(false), reason: fileProblem, current: fileHash.nullable() }),
])
export const removeAnswer = z.discriminatedUnion('ok', [
  z.object({ ok: z.literal(true) }),
  z.object({ ok: z.literal(false), reason: fileProblem, current: fileHash.nullable() }),
])
export const readAnswer = z.discriminatedUnion('ok', [
  z.object({ ok: z.literal(true), file: fileContent }),
  z.object({ ok: z.literal(false), reason: fileProblem }),
])
/** Sorted by path. Hidden, linked and special files are not listed. */
export const filesAnswer = z.discriminatedUnion('ok', [
  z.object({ ok: z.literal(true), files: z.array(gameFile).max(MAX_GAME_FILES) }),
  z.object({ ok: z.literal(false), reason: fileProblem }),
])
export const createAnswer = z.discriminatedUnion('ok', [
  z.object({ ok: z.literal(true) }),
  z.object({ ok: z.literal(false), reason: z.enum(['exists', 'disk-full']) }),
])
/** `node-full`, `creator-full`: of a start, see `ensureRoomAnswer`. */
export const gameNotDone = z.enum(['no-such-game', 'no-build', 'unavailable', 'node-full', 'creator-full'])
/** Of `games.remove`, `games.start` and `games.stop`. */
export const gameAnswer = z.discriminatedUnion('ok', [
  z.object({ ok: z.literal(true) }),
  z.object({ ok: z.literal(false), reason: gameNotDone }),
])
/** `at` is in milliseconds since 1970; `room` null: about the game as a whole. */
export const logLine = z.object({ at: z.number(), room: roomId.nullable(), text: z.string().max(2 * MAX_LOG_CHARS) })
export const gameStatus = z.object({
  game: gameId,
  state: z.enum(['stopped', 'starting', 'running', 'backing-off']),
  /** In words, why the game is not running although someone wants it: null while all is well. */
  why: z.string().max(MAX_WORDS).nullable(),
  /** Nobody who wants to play gets it started: it crashed too often of late, until its files change; or its creator has stopped it. */
  held: z.enum(['crashes', 'creator']).nullable(),
  rooms: z.int().nonnegative(),
  players: z.int().nonnegative(),
  /** The build that new rooms get, null before the first good one. */
  build: buildId.nullable(),
  /** Why the files as they are now are not that build. */
  problem: codeProblem.nullable(),
  /** Null while it does not run. */
  usage: usageSchema.nullable(),
  /** Which players its server turned away since it started. Null while it does not run. */
  turnedAway: turnedAwaySchema.nullable(),
  /** The last lines of the game's own log, oldest first. */
  log: z.array(logLine).max(200),
})
export const statusAnswer = z.discriminatedUnion('ok', [
  z.object({ ok: z.literal(true), status: gameStatus }),
  z.object({ ok: z.literal(false), reason: z.enum(['no-such-game']) }),
])
export const gamesList = z.array(gameStatus.omit({ log: true })).max(MAX_GAMES)
export const ensureRoom = z.strictObject({ game: gameId, room: roomId })
export const ensureRoomAnswer = z.discriminatedUnion('ok', [
  z.object({ ok: z.literal(true) }),
  /**
   * `ended`: a room of this id has already ended. `no-build`: the game has no working build; `problem` says why. `crashed`, `stopped`: the
   * game is held, see `gameStatus`. `node-full`: as many games run as this machine can, or all but those places that are kept for creators
   * none of whose games runs; `creator-full`: as many of this game's creator as one may have. Each with rooms.
   */
  z.object({
    ok: z.literal(false),
    reason: z.enum([
      'no-such-game',
      'no-build',
      'ended',
      'unavailable',
      'crashed',
      'stopped',
      'too-many-rooms',
      'node-full',
      'creator-full',
    ]),
    problem: codeProblem.nullable(),
  }),
])
/** `version` grows with each change of an owner's keys or games: a call that was held up on its way is not taken for news. */
export const setKeys = z.strictObject({
  owner: userId,
  games: z.array(gameId).max(1_000),
  keys: z.array(sshKey).max(20),
  version: z.int().nonnegative(),
})
/** `too-many-creators`: the node has no room for these keys and games; what the owner has lost does not open anything any more all the same. */
export const setKeysAnswer = z.discriminatedUnion('ok', [
  z.object({ ok: z.literal(true) }),
  z.object({ ok: z.literal(false), reason: z.enum(['too-many-creators']) }),
])
/** `command` is the exact line for a creator's terminal; null when this machine has no SFTP server, and `why` says what to do. */
export const sftpInfo = z.object({
  command: z.string().max(MAX_WORDS).nullable(),
  why: z.string().max(MAX_WORDS).nullable(),
  folder: z.string().max(MAX_WORDS).nullable(),
})

// The bridge door: supervisor -> bridge

/**
 * `key` makes a report have its effect once, however often it is sent. `seq` grows from report to report of a node, so that one that
 * was held up on its way is not taken for news; a node starts from its clock in milliseconds, so that it needs to remember nothing.
 */
const report = { key: reportKey, seq: z.int().positive() }
export const reportBuild = z.strictObject({ ...report, game: gameId, build: buildId, manifest: manifestSchema })
export const reportRoom = z.strictObject({
  ...report,
  room: roomId,
  event: z.discriminatedUnion('type', [
    z.strictObject({ type: z.literal('opened') }),
    z.strictObject({
      type: z.literal('ended'),
      reason: z.enum(END_REASONS),
      result: json.refine((result) => JSON.stringify(result).length <= MAX_RESULT_CHARS, 'is too large'),
    }),
  ]),
})
export const reportSeat = z.strictObject({
  ...report,
  room: roomId,
  player: playerId,
  event: z.enum(['joined', 'left']),
})
const utf8 = new TextEncoder()
/** Postgres takes neither NUL nor half of a surrogate pair in a text. */
export const storeName = z
  .string()
  .min(1)
  .max(MAX_STORE_KEY_CHARS)
  .refine((name) => !/[\p{Cc}\p{Cs}]/u.test(name), 'must not have control characters or half characters')
/** Counted as the bridge counts it: its JSON in UTF-8. */
export const storeValue = json.refine(
  (value) => utf8.encode(JSON.stringify(value)).length <= MAX_STORE_BYTES,
  'is too large',
)
export const storeSet = z.strictObject({ ...report, game: gameId, name: storeName, value: storeValue.nullable() })
export const storeEntries = z.array(z.object({ name: storeName, value: json })).max(MAX_STORE_NAMES)
const logTime = z.number().min(0).max(8.64e15) // milliseconds since 1970 that a Date can hold
export const appendLog = z.strictObject({
  ...report,
  game: gameId,
  lines: z
    .array(z.strictObject({ room: roomId.nullable(), text: z.string().max(MAX_LOG_CHARS), at: logTime }))
    .min(1)
    .max(200),
})
/** `not-yours`: the room or game is not placed on the calling node. `over-quota`: the game's store is full. `out-of-order`: a report with `last` has come already. */
export const bridgeAnswer = z.discriminatedUnion('ok', [
  z.object({ ok: z.literal(true), repeated: z.boolean() }),
  z.discriminatedUnion('reason', [
    z.object({ ok: z.literal(false), reason: z.enum(['not-yours', 'over-quota']) }),
    z.object({ ok: z.literal(false), reason: z.literal('out-of-order'), last: z.int() }),
  ]),
])
