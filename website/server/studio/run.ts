// Whether a game runs, through its node: how it is, start, stop. And its log, which the website keeps a longer part of.
import { TRPCError } from '@trpc/server'
import type { Database } from '../../db/database.ts'
import type { Control } from '../control/client.ts'

const LINES = 500 // of the thousand that are kept: what a person reads back

const NO_SUCH_GAME = 'The game server has no files of this game.'
const TEXT = {
  'no-such-game': NO_SUCH_GAME,
  'no-build': 'It cannot be started: its files do not make a working build yet. The build panel names the problem.',
  unavailable:
    'The game server could not do that now. Try again in a moment; if the game itself failed, the log says how.',
  'node-full':
    'So many games are being played on the game server that this one cannot start now. Try again in a few minutes.',
  'creator-full':
    'So many of your games are being played that this one cannot start now. Stop another one, or try again in a few minutes.',
} as const
type Reason = keyof typeof TEXT

const worded = (answer: { ok: true } | { ok: false; reason: Reason }) =>
  answer.ok ? answer : { ...answer, text: TEXT[answer.reason] }

export async function gameStatus(control: Control, game: string) {
  const [answer, sftp] = await Promise.all([control.gameStatus(game), control.sftpInfo(game)])
  if (!answer.ok) throw new TRPCError({ code: 'NOT_FOUND', message: NO_SUCH_GAME })
  return { ...answer.status, sftp }
}

/** Resolves when the game takes players; forgets crashes and an earlier stop. */
export const startGame = async (control: Control, game: string) => worded(await control.startGame(game))

/** Ends the rooms of the game. Only `startGame` starts it again. */
export const stopGame = async (control: Control, game: string) => worded(await control.stopGame(game))

/** The last lines of a game's log that its node has reported, oldest first. Needs no answer of the node. */
export async function storedLog(db: Database, game: string) {
  const rows = await db
    .selectFrom('logs')
    .select(['at', 'room_id as room', 'text'])
    .where('game_id', '=', game)
    .orderBy('id', 'desc')
    .limit(LINES)
    .execute()
  return { lines: rows.reverse().map(({ at, room, text }) => ({ at: at.getTime(), room, text })) }
}
