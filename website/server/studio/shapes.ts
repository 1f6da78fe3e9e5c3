// What a creator may say and learn about the files of a game. Contents pass through; the sandbox is their only home.
import {
  fileContent,
  fileHash,
  filePath,
  fileProblem,
  gameFile,
  gameNotDone,
  gameStatus,
  logLine,
  removeFile,
  sftpInfo,
  sshKey,
  writeFile,
} from '@sandlot/shared/contract.ts'
import { gameId } from '@sandlot/shared/ids.ts'
import { z } from 'zod'

export const gameInput = z.strictObject({ game: gameId })
export const fileInput = z.strictObject({ game: gameId, path: filePath })
export const writeInput = z.strictObject(writeFile.shape)
export const removeInput = z.strictObject(removeFile.shape)
export const keysInput = z.strictObject({ keys: z.array(sshKey).max(20) })

export const statusAnswer = gameStatus.extend({ sftp: sftpInfo })
/** The website's own lines, which come half a second later than those of `statusAnswer` and reach back further. Oldest first. */
export const logAnswer = z.object({ lines: z.array(logLine) })
/** Of `start` and `stop`. `text` says what the creator can do. */
export const runAnswer = z.discriminatedUnion('ok', [
  z.object({ ok: z.literal(true) }),
  z.object({ ok: z.literal(false), reason: gameNotDone, text: z.string() }),
])
export const filesAnswer = z.object({ files: z.array(gameFile) })

/** `current` is the hash of what is there now, null when nothing is. `text` says what the creator can do. */
const refusal = z.object({
  ok: z.literal(false),
  reason: fileProblem,
  text: z.string(),
  current: fileHash.nullable(),
})
export const readAnswer = z.discriminatedUnion('ok', [z.object({ ok: z.literal(true), file: fileContent }), refusal])
export const writeAnswer = z.discriminatedUnion('ok', [z.object({ ok: z.literal(true), hash: fileHash }), refusal])
export const removeAnswer = z.discriminatedUnion('ok', [z.object({ ok: z.literal(true) }), refusal])

export const keysAnswer = z.object({ keys: z.array(sshKey) })
/**
 * `applied` is false while a game's machine has not taken them: it is told again until it has. `isFull`: one has no room for another
 * creator's keys. Without games no machine has them.
 */
export const setKeysAnswer = keysAnswer.extend({ applied: z.boolean(), isFull: z.boolean(), hasGames: z.boolean() })
