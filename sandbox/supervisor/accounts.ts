// SFTP of the appliance: who may come in to which games, written for the unit that makes accounts of it (accounts/main.ts).
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { open, rename } from 'node:fs/promises'
import { type Accounts, anyAccounts, loginOf, MAX_ACCOUNTS_BYTES, MAX_CREATORS } from '../accounts/accounts.ts'
import { Locks } from './locks.ts'
import { runCommandFor } from './process.ts'
import type { Access, Sftp } from './sftp.ts'

const UNIT = 'sandlot-accounts.service'
const MOST = { creators: MAX_CREATORS, bytes: MAX_ACCOUNTS_BYTES }

export interface AccountsOptions {
  /** Path of the list that the unit reads. */
  file: string
  /** Where creators connect to. */
  address: { host: string; port: number }
  /** The server's public key, a line as ssh-keygen writes it. */
  hostKey: string
  /** How much a creator may upload, a sentence. */
  allowance: string
  /** What the unit takes: see accounts/accounts.ts. */
  most?: { creators: number; bytes: number }
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

type Held = { games: string[]; keys: string[] }

class CreatorAccounts implements Sftp {
  #options: AccountsOptions
  #all = new Map<string, Held>()
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
    // A list that is too long was never made true. Those at its end, who came last, tell their keys again.
    while (!this.#fits(this.#all)) {
      this.#all.delete([...this.#all.keys()].at(-1)!)
      this.#isTrue = false
    }
    this.#fingerprint = fingerprint(options.hostKey)
    if (!this.#isTrue) void this.#change(() => {}).catch(() => {}) // tried again with the next change
  }

  info(game: string) {
    const found = [...this.#all].find(([, { games }]) => games.includes(game))
    if (!found) return { command: null, why: 'Register an SSH key below to reach these files over SFTP.', folder: null }
    const { host, port } = this.#options.address
    return {
      command: `sftp -P ${port} ${found[0]}@${host}:/${game}`,
      why: `Your keys open your own games and nothing else. When your program asks whether to trust this server, its key must be ${this.#fingerprint}. ${this.#options.allowance}`,
      folder: null,
    }
  }

  async setKeys({ owner, games, keys }: Access): Promise<boolean> {
    let hasRoom = true
    await this.#change((all) => {
      const name = loginOf(owner)
      const before = all.get(name)
      for (const [other, { games: theirs, ...rest }] of all)
        if (other !== name) all.set(other, { ...rest, games: theirs.filter((game) => !games.includes(game)) })
      put(all, name, { games, keys })
      hasRoom = this.#fits(all)
      if (hasRoom) return
      // What is taken away is taken away, room or not.
      put(all, name, {
        games: games.filter((game) => before?.games.includes(game)),
        keys: keys.filter((key) => before?.keys.includes(key)),
      })
    })
    return hasRoom
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
  #change(change: (all: Map<string, Held>) => unknown): Promise<void> {
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

  /** Whether the unit takes a list of these. */
  #fits(all: ReadonlyMap<string, Held>): boolean {
    const { creators, bytes } = this.#options.most ?? MOST
    return all.size <= creators && bytesOf(all) <= bytes
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

function put(all: Map<string, Held>, name: string, { games, keys }: Held): void {
  if (keys.length > 0) all.set(name, { games: [...new Set(games)].sort(), keys: [...new Set(keys)].sort() })
  else all.delete(name)
}

/** Of the list of these, at most, whichever of the games are closed. All that is in it is ASCII. */
function bytesOf(all: ReadonlyMap<string, Held>): number {
  const quoted = (words: string[], times: number) =>
    words.reduce((sum, word) => sum + times * (word.length + '"",'.length), 0)
  let bytes = '{}'.length
  for (const [name, { games, keys }] of all)
    bytes += name.length + quoted(games, 2) + quoted(keys, 1) + '"":{"games":[],"keys":[],"closed":[]},'.length
  return bytes
}

function read(file: string): Accounts {
  try {
    return anyAccounts.parse(JSON.parse(readFileSync(file, 'utf8')))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {}
    throw new Error(
      `${file} is not a list of accounts. Remove it and restart the website, which then tells all keys again.`,
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
