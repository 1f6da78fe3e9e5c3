// Who may come in over SFTP and to which games: what the supervisor writes, and what makes accounts of it reads.
import { createHash } from 'node:crypto'
import { sshKey } from '@sandlot/shared/contract.ts'
import { gameId } from '@sandlot/shared/ids.ts'
import { z } from 'zod'

export const MAX_CREATORS = 10_000 // of one node
export const MAX_ACCOUNTS_BYTES = 64 * 1024 * 1024

/** The account's name on this machine: nothing of the person is in it. */
export const login = z.string().regex(/^creator-[0-9a-f]{16}$/)
const games = z.array(gameId).max(1_000)
/** `closed`: games that are not to be reached for the moment. */
export const account = z.strictObject({ games, closed: games.optional(), keys: z.array(sshKey).min(1).max(20) })
/** However many there are. Creators with neither a key nor a game are not in it. */
export const anyAccounts = z.record(login, account)
export const accountsSchema = anyAccounts.refine(
  (accounts) => Object.keys(accounts).length <= MAX_CREATORS,
  `has more than ${MAX_CREATORS} creators`,
)

export type Account = z.infer<typeof account>
export type Accounts = z.infer<typeof accountsSchema>

export const openGames = ({ games, closed = [] }: Account): string[] => games.filter((game) => !closed.includes(game))

/** Of a creator's account on the website. */
export const loginOf = (owner: string): string =>
  `creator-${createHash('sha256').update(owner).digest('hex').slice(0, 16)}`
