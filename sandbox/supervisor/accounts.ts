// SFTP of the appliance: who may come in to which games, written for the unit that makes accounts of it (accounts/main.ts).
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { open, rename } from 'node:fs/promises'
import { type Accounts, accountsSchema, loginOf } from '../accounts/accounts.ts'
import { Locks } from './locks.ts'
import { runCommandFor } from './process.ts'
import type { Access, Sftp } from './sftp.ts'

const UNIT = 'sandlot-accounts.service'

export interface AccountsOptions {
  /** Path of the list that the unit reads. */
  file: string
  /** Where creators connect to. */
  address: { host: string; port: number }
  /** The server's public key, a line as ssh-keygen writes it. */
  hostKey: string
  /** Makes the list true: resolves when no session is left that it does not allow. */
  apply(): Promise<void>
}

/** As the service manager does it. Rejects with what that says. */
export const applyByUnit = (systemctl: string) => async (): Promise<void> => {
  const { ok, stderr } = await runCommandFor(systemctl, ['--no-ask-password', 'start', UNIT])
  if (!ok) throw new Error(`${UNIT}: ${stderr}`)
}

/** Throws when there is a list that is none: nobody's access is guessed. */
export function openAccounts(options: AccountsOptions): Sftp {
  return new CreatorAccounts(options)
}

class CreatorAccounts implements Sftp {
  #options: AccountsOptions
  #all: Map<string, { games: string[]; keys: string[] }>
  #isTrue = true // the unit ran before this process started
  #locks = new Locks()
  #fingerprint: string

  constructor(options: AccountsOptions) {
    this.#options = options
    this.#all = new Map(Object.entries(read(options.file)))
    this.#fingerprint = fingerprint(options.hostKey)
  }

  info(game: string) {
    const found = [...this.#all].find(([, { games }]) => games.includes(game))
    if (!found) return { command: null, why: 'Register an SSH key below to reach these files over SFTP.', folder: null }
    const { host, port } = this.#options.address
    return {
      command: `sftp -P ${port} ${found[0]}@${host}:/${game}`,
      why: `Your keys open your own games and nothing else. When your program asks whether to trust this server, its key must be ${this.#fingerprint}.`,
      folder: null,
    }
  }

  setKeys({ owner, games, keys }: Access): Promise<void> {
    return this.#change((all) => {
      const name = loginOf(owner)
      for (const [other, { games: theirs, ...rest }] of all)
        if (other !== name) all.set(other, { ...rest, games: theirs.filter((game) => !games.includes(game)) })
      if (keys.length > 0) all.set(name, { games: [...new Set(games)].sort(), keys: [...new Set(keys)].sort() })
      else all.delete(name)
    })
  }

  forget(game: string): Promise<void> {
    return this.#change((all) => {
      for (const [name, { games, keys }] of all)
        if (games.includes(game)) all.set(name, { keys, games: games.filter((one) => one !== game) })
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {}

  /** One at a time. A wish that could not be made true stays, and is tried again with the next one, even if that is the same. */
  #change(change: (all: Map<string, { games: string[]; keys: string[] }>) => void): Promise<void> {
    return this.#locks.with('', async () => {
      const next = new Map(this.#all)
      change(next)
      if (this.#isTrue && JSON.stringify([...next]) === JSON.stringify([...this.#all])) return
      await write(this.#options.file, Object.fromEntries(next))
      this.#all = next
      this.#isTrue = false
      await this.#options.apply()
      this.#isTrue = true
    })
  }
}

function read(file: string): Accounts {
  try {
    return accountsSchema.parse(JSON.parse(readFileSync(file, 'utf8')))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {}
    throw new Error(
      `${file} is not a list of accounts. Remove it: the website tells the keys again when creators save them.`,
      {
        cause: error,
      },
    )
  }
}

/** Complete or as before. Nothing in it is secret, and its reader has no rights beyond everybody's. */
async function write(file: string, accounts: Accounts): Promise<void> {
  const draft = await open(`${file}.new`, 'w', 0o644)
  try {
    await draft.writeFile(JSON.stringify(accounts))
    await draft.chmod(0o644)
    await draft.sync()
  } finally {
    await draft.close()
  }
  await rename(`${file}.new`, file)
}

/** As ssh and its relatives show it. */
function fingerprint(hostKey: string): string {
  const blob = Buffer.from(hostKey.split(' ')[1] ?? '', 'base64')
  return `SHA256:${createHash('sha256').update(blob).digest('base64').replace(/=+$/, '')}`
}
