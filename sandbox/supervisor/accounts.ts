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
  #all = new Map<string, { games: string[]; keys: string[] }>()
  #closed = new Set<string>()
  #isTrue = true // the unit ran before this process started
  #locks = new Locks()
  #fingerprint: string

  constructor(options: AccountsOptions) {
    this.#options = options
    for (const [name, { games, keys, closed = [] }] of Object.entries(read(options.file))) {
      this.#all.set(name, { games, keys })
      for (const game of closed) this.#closed.add(game)
    }
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

  reach() {
    return [...this.#all.values()].flatMap(({ games }) =>
      games.map((game) => ({ game, isClosed: this.#closed.has(game) })),
    )
  }

  close(game: string): Promise<void> {
    return this.#change(() => this.#closed.add(game))
  }

  open(game: string): Promise<void> {
    return this.#change(() => this.#closed.delete(game))
  }

  async [Symbol.asyncDispose](): Promise<void> {}

  /** One at a time. A wish that could not be made true stays, and is tried again with the next one, even if that is the same. */
  #change(change: (all: Map<string, { games: string[]; keys: string[] }>) => unknown): Promise<void> {
    return this.#locks.with('', async () => {
      const before = this.#list()
      const next = new Map(this.#all)
      change(next)
      this.#all = next
      const list = this.#list()
      if (this.#isTrue && list === before) return
      this.#isTrue = false
      await write(this.#options.file, list)
      await this.#options.apply()
      this.#isTrue = true
    })
  }

  #list(): string {
    const accounts: Accounts = {}
    for (const [name, { games, keys }] of this.#all) {
      const closed = games.filter((game) => this.#closed.has(game))
      accounts[name] = { games, keys, ...(closed.length > 0 && { closed }) }
    }
    return JSON.stringify(accounts)
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
async function write(file: string, text: string): Promise<void> {
  const draft = await open(`${file}.new`, 'w', 0o644)
  try {
    await draft.writeFile(text)
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
