// The way from the list to records and a plan of folders: one line a creator, NAME NUMBER GAME...
import { closeSync, constants, fstatSync, openSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { type Accounts, accountsSchema, MAX_ACCOUNTS_BYTES, openGames } from './accounts.ts'
import { Records } from './records.ts'

export interface PlanOptions {
  /** Path of the supervisor's list. */
  accounts: string
  /** Where systemd looks for user records. */
  userdb: string
  /** Path of the plan. */
  plan: string
  /** Of all creators. */
  gid: number
  /** What sshd looks for and no creator ever runs. */
  shell: string
}

/** Makes records and plan those of the list. Throws an Error for the operator, and leaves both as they are, when it is none. */
export function makePlan({ accounts: list, userdb, plan, gid, shell }: PlanOptions): void {
  const accounts = readAccounts(list)
  const uids = new Records({ folder: userdb, gid, shell }).replace(accounts)
  const lines = [...uids].map(([name, uid]) => [name, uid, ...openGames(accounts[name]!)].join(' '))
  writeFileSync(`${plan}.new`, lines.map((line) => `${line}\n`).join(''), { mode: 0o600 })
  renameSync(`${plan}.new`, plan)
}

function readAccounts(path: string): Accounts {
  let file: number
  try {
    file = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {} // nobody has registered a key yet
    throw error
  }
  try {
    const found = fstatSync(file)
    if (!found.isFile() || found.size > MAX_ACCOUNTS_BYTES) throw new Error(`${path} is not a list of accounts.`)
    const parsed = accountsSchema.safeParse(JSON.parse(readFileSync(file, 'utf8')))
    if (!parsed.success) throw new Error(`${path} is malformed: ${parsed.error.issues[0]?.message}`)
    return parsed.data
  } finally {
    closeSync(file)
  }
}
