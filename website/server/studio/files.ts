// A game's files through its node: what the node refuses comes back in words.
import type { fileProblem, removeFile, writeFile } from '@sandlot/shared/contract.ts'
import { MAX_FILE_BYTES, MAX_FOLDER_DEPTH, MAX_GAME_BYTES, MAX_GAME_FILES } from '@sandlot/shared/limits.ts'
import { TRPCError } from '@trpc/server'
import type { z } from 'zod'
import type { Control } from '../control/client.ts'

const MB = 2 ** 20

type Problem = z.infer<typeof fileProblem>

const TEXT: Record<Problem, string> = {
  'no-such-game': 'The game server has no files of this game.',
  'no-such-file': 'This file does not exist any more. Load the list of files again.',
  'changed-meanwhile': 'This file was changed somewhere else since you opened it. Load it again before you save.',
  'too-large': `This is too large. A file may have ${MAX_FILE_BYTES / MB} MB, a game ${MAX_GAME_BYTES / MB} MB, and all your games together have a limit too.`,
  'too-many-files': `A game may have ${MAX_GAME_FILES} files. Remove one first.`,
  'too-deep': `A file may lie in at most ${MAX_FOLDER_DEPTH - 1} folders, one in another. Choose a shorter path.`,
  'not-a-file': 'This is a folder or a link, not a file. Choose another name.',
  'disk-full':
    "The game server's disk is full, so this was not saved. Its operator can make room; keep this page open until then.",
}
const refusal = (reason: Problem, current: string | null) => ({
  ok: false as const,
  reason,
  text: TEXT[reason],
  current,
})

export async function listFiles(control: Control, game: string) {
  const answer = await control.listFiles(game)
  if (!answer.ok) throw new TRPCError({ code: 'NOT_FOUND', message: TEXT[answer.reason] })
  return { files: answer.files }
}

export async function readFile(control: Control, game: string, path: string) {
  const answer = await control.readFile(game, path)
  return answer.ok ? answer : refusal(answer.reason, null)
}

export async function saveFile(control: Control, input: z.infer<typeof writeFile>) {
  const answer = await control.writeFile(input)
  return answer.ok ? answer : refusal(answer.reason, answer.current)
}

export async function deleteFile(control: Control, input: z.infer<typeof removeFile>) {
  const answer = await control.removeFile(input)
  return answer.ok ? answer : refusal(answer.reason, answer.current)
}
