// What an operator can say, and what they hear. No e-mail is sent from here: what a person has to know, the operator tells them.
import { gameId } from '@sandlot/shared/ids.ts'
import { databaseTrouble } from '../db/database.ts'
import { type Banning, ban, unban } from '../server/account/bans.ts'
import { resetPassword } from '../server/account/password.ts'
import { ControlError } from '../server/control/client.ts'
import { removeGame } from '../server/games/games.ts'
import { ownedGame } from '../server/games/store.ts'
import type { Placed } from '../server/trpc.ts'
import { byEmail, find } from './people.ts'

export const USAGE = `Usage: sandlot-people find WORD            who has it in their name or e-mail, or owns the game of this id
       sandlot-people password EMAIL       a new password for somebody who forgot theirs; ends their sessions
       sandlot-people ban EMAIL [WHY...]   nobody sees or plays their games, and they cannot sign in; WHY is shown to them
       sandlot-people unban EMAIL
       sandlot-people remove-game GAME     for good, with its files`
const NODE_AWAY = 'The sandbox does not answer'
const MAX_WHY_CHARS = 200

/** `answer` is what was asked for, `note` what else there is to know. When it is not `done`, the note says what is left to do. */
export interface Said {
  answer?: string
  note?: string
  done?: boolean
}
type Verb = (placed: Placed, words: string[]) => Promise<Said>

const only = (words: string[]): string => {
  const [word] = words
  if (words.length !== 1 || !word) throw new Error(USAGE)
  return word
}
const told = (sentence: string, { applied }: Banning, verb: string): Said =>
  applied
    ? { answer: sentence }
    : { answer: sentence, note: `${NODE_AWAY}, and does not know yet. Say ${verb} again when it does.`, done: false }

const VERBS: Record<string, Verb> = {
  async find({ db }, words) {
    const lines = await find(db, only(words))
    return lines.length > 0 ? { answer: lines.join('\n') } : { note: 'Nobody.', done: false }
  },

  async password({ db }, words) {
    const { id, email } = await byEmail(db, only(words))
    const password = await resetPassword(db, id)
    if (!password) throw new Error(`${email} has no password to forget.`)
    const note = `This is the new password of ${email}. All their sessions have ended. They change it on the site: their name, then Password.`
    return { answer: password, note }
  },

  async ban(placed, [email = '', ...words]) {
    const person = await byEmail(placed.db, only([email]))
    const why = words.join(' ').trim()
    if (why.length > MAX_WHY_CHARS || /\p{Cc}/u.test(why))
      throw new Error(`WHY is one line of at most ${MAX_WHY_CHARS} characters.`)
    const banning = await ban(placed, person.id, why)
    return told(`${person.email} is banned.`, banning, 'ban')
  },

  async unban(placed, words) {
    const person = await byEmail(placed.db, only(words))
    const banning = await unban(placed, person.id)
    const sentence = banning.wasBanned ? 'may sign in again.' : 'is not banned.'
    return told(`${person.email} ${sentence}`, banning, 'unban')
  },

  async 'remove-game'(placed, words) {
    const game = gameId.safeParse(only(words)).data
    const row = game && (await ownedGame(placed.db, game))
    if (!row) throw new Error('There is no game of this id. It is the last part of the address of its page.')
    await removeGame(placed, row.owner_id, { id: row.id, node: placed.nodes.get(row.node_id) })
    return { answer: `${row.id} is removed, with its files.` }
  },
}

/** Does what the words say, the first of which is the verb. Rejects with what `explain` has a sentence for. */
export async function act(placed: Placed, [verb = '', ...words]: string[]): Promise<Said> {
  if (!isVerb(verb)) throw new Error(USAGE)
  return VERBS[verb]!(placed, words)
}

export const isVerb = (word: string): boolean => Object.hasOwn(VERBS, word)

/** What went wrong, for an operator. */
export function explain(error: unknown): string {
  if (error instanceof ControlError)
    return `${NODE_AWAY}, so nothing was changed here; it may still do what it was asked. Say this again when it answers.`
  if (databaseTrouble(error)) return `The database does not answer: ${(error as Error).message}`
  return error instanceof Error ? error.message : String(error)
}
