// What may be said at the two doors of the link. Both sides of each door check every input and every answer against these schemas.
import { z } from 'zod'
import { METERS, type Usage } from './budgets.ts'
import { buildId, gameId, playerId, reportKey, roomId, userId } from './ids.ts'
import {
  MAX_FILE_BYTES,
  MAX_LOG_CHARS,
  MAX_NAME_CHARS,
  MAX_PATH_LENGTH,
  MAX_STORE_BYTES,
  MAX_STORE_KEY_CHARS,
} from './limits.ts'
import { manifestSchema } from './manifest.ts'
import { END_REASONS } from './reasons.ts'

/** A path inside a game's folder: relative, `/` between names, no `.` or `..`, no control characters, nothing hidden. */
export const filePath = z
  .string()
  .min(1)
  .max(MAX_PATH_LENGTH)
  .refine(
    (path) => path.split('/').every((name) => name !== '' && !name.startsWith('.') && !/[\\\p{Cc}]/u.test(name)),
    'must be a path inside the game folder, such as "assets/ship.png"',
  )
/** SHA-256 of a file's bytes in hex. */
export const fileHash = z.string().regex(/^[0-9a-f]{64}$/)
export const templateId = z.enum(['hello', 'pong', 'tic-tac-toe', 'arena', 'paint'])
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

// The control door: website -> supervisor

export const createGame = z.object({
  game: gameId,
  owner: userId,
  template: templateId,
  title: z.string().trim().min(1).max(60),
})
export const oneGame = z.object({ game: gameId })
export const oneFile = z.object({ game: gameId, path: filePath })
export const gameFile = z.object({ path: filePath, bytes: z.int().nonnegative(), hash: fileHash, text: z.boolean() })
/** `replaces` is the hash of the version that the writer has seen, null for a new file: no edit is ever lost to another. */
export const writeFile = z.object({
  game: gameId,
  path: filePath,
  content: z.string().max(Math.ceil((MAX_FILE_BYTES * 4) / 3)),
  encoding: z.enum(['utf8', 'base64']).default('utf8'),
  replaces: fileHash.nullable(),
})
export const removeFile = z.object({ game: gameId, path: filePath, replaces: fileHash })
export const fileContent = z.object({
  path: filePath,
  content: z.string(),
  encoding: z.enum(['utf8', 'base64']),
  hash: fileHash,
})
export const fileProblem = z.enum([
  'no-such-game',
  'no-such-file',
  'changed-meanwhile',
  'too-large',
  'too-many-files',
  'not-a-file',
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
  z.object({ ok: z.literal(true), files: z.array(gameFile) }),
  z.object({ ok: z.literal(false), reason: fileProblem }),
])
export const createAnswer = z.discriminatedUnion('ok', [
  z.object({ ok: z.literal(true) }),
  z.object({ ok: z.literal(false), reason: z.enum(['exists']) }),
])
/** Of `games.remove`, `games.start` and `games.stop`. */
export const gameAnswer = z.discriminatedUnion('ok', [
  z.object({ ok: z.literal(true) }),
  z.object({ ok: z.literal(false), reason: z.enum(['no-such-game', 'no-build', 'unavailable']) }),
])
export const gameStatus = z.object({
  game: gameId,
  state: z.enum(['stopped', 'starting', 'running', 'backing-off']),
  /** In words, why the game is not running although someone wants it: null while all is well. */
  why: z.string().nullable(),
  rooms: z.int().nonnegative(),
  players: z.int().nonnegative(),
  /** The build that new rooms get, null before the first good one. */
  build: buildId.nullable(),
  /** Why the files as they are now are not that build. */
  problem: codeProblem.nullable(),
  /** Null while it does not run. */
  usage: usageSchema.nullable(),
  /** The last lines of the game's own log, oldest first. */
  log: z.array(z.object({ at: z.number(), room: roomId.nullable(), text: z.string() })).max(200),
})
export const statusAnswer = z.discriminatedUnion('ok', [
  z.object({ ok: z.literal(true), status: gameStatus }),
  z.object({ ok: z.literal(false), reason: z.enum(['no-such-game']) }),
])
export const gamesList = z.array(gameStatus.omit({ log: true }))
export const ensureRoom = z.object({ game: gameId, room: roomId })
export const ensureRoomAnswer = z.discriminatedUnion('ok', [
  z.object({ ok: z.literal(true) }),
  /** `ended`: a room of this id has already ended. `no-build`: the game has no working build; `problem` says why. */
  z.object({
    ok: z.literal(false),
    reason: z.enum(['no-such-game', 'no-build', 'ended', 'unavailable', 'too-many-rooms']),
    problem: codeProblem.nullable(),
  }),
])
export const setKeys = z.object({ owner: userId, games: z.array(gameId).max(1_000), keys: z.array(sshKey).max(20) })
/** `command` is the exact line for a creator's terminal; null when this machine has no SFTP server, and `why` says what to do. */
export const sftpInfo = z.object({
  command: z.string().nullable(),
  why: z.string().nullable(),
  folder: z.string().nullable(),
})

// The bridge door: supervisor -> bridge

const report = { key: reportKey }
export const reportBuild = z.object({ ...report, game: gameId, build: buildId, manifest: manifestSchema })
export const reportRoom = z.object({
  ...report,
  room: roomId,
  event: z.discriminatedUnion('type', [
    z.object({ type: z.literal('opened') }),
    z.object({ type: z.literal('ended'), reason: z.enum(END_REASONS), result: z.json() }),
  ]),
})
export const reportSeat = z.object({ ...report, room: roomId, player: playerId, event: z.enum(['joined', 'left']) })
const utf8 = new TextEncoder()
/** Postgres takes neither NUL nor half of a surrogate pair in a text. */
export const storeName = z
  .string()
  .min(1)
  .max(MAX_STORE_KEY_CHARS)
  .refine((name) => !/[\p{Cc}\p{Cs}]/u.test(name), 'must not have control characters or half characters')
/** Counted as the bridge counts it: its JSON in UTF-8. */
export const storeValue = z
  .json()
  .refine((value) => utf8.encode(JSON.stringify(value)).length <= MAX_STORE_BYTES, 'is too large')
export const storeSet = z.object({ ...report, game: gameId, name: storeName, value: storeValue.nullable() })
export const storeEntries = z.array(z.object({ name: storeName, value: z.json() }))
export const appendLog = z.object({
  ...report,
  game: gameId,
  lines: z
    .array(z.object({ room: roomId.nullable(), text: z.string().max(MAX_LOG_CHARS), at: z.number() }))
    .min(1)
    .max(200),
})
/** `not-yours`: the room or game is not placed on the calling node. `over-quota`: the game's store is full. */
export const bridgeAnswer = z.discriminatedUnion('ok', [
  z.object({ ok: z.literal(true), repeated: z.boolean() }),
  z.object({ ok: z.literal(false), reason: z.enum(['not-yours', 'over-quota']) }),
])

export const playerName = z.string().trim().min(1).max(MAX_NAME_CHARS)
