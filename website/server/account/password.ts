// A new password for somebody who forgot theirs: there is no e-mail to send a link with, so an operator makes it and tells them.
import { randomInt } from 'node:crypto'
import { hashPassword } from 'better-auth/crypto'
import type { Database } from '../../db/database.ts'
import { endSessions } from './bans.ts'

const LETTERS = 'abcdefghjkmnpqrstuvwxyz23456789' // read out over a telephone: no i, l, o, 0, 1
const GROUPS = 4
const GROUP_CHARS = 5 // 20 of 31 letters: 99 bits

const newPassword = (): string =>
  Array.from({ length: GROUPS }, () =>
    Array.from({ length: GROUP_CHARS }, () => LETTERS[randomInt(LETTERS.length)]).join(''),
  ).join('-')

/** Gives an account a new random password and ends its sessions. Undefined: this account has no password, as a guest has none. */
export async function resetPassword(db: Database, user: string): Promise<string | undefined> {
  const password = newPassword()
  const hash = await hashPassword(password)
  const changed = await db.transaction().execute(async (tx) => {
    const { numUpdatedRows } = await tx
      .updateTable('account')
      .set({ password: hash, updatedAt: new Date() })
      .where('userId', '=', user)
      .where('providerId', '=', 'credential')
      .executeTakeFirstOrThrow()
    await endSessions(tx, user)
    return numUpdatedRows
  })
  return changed > 0n ? password : undefined
}
