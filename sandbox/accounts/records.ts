// User records of systemd, one a creator: a file that anybody may read, and one with the keys for root.
import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { type Accounts, login, openGames } from './accounts.ts'

/** Numbers that neither the system nor systemd gives to anybody. */
export const FIRST_UID = 100_000
export const LAST_UID = 499_999

export interface RecordOptions {
  /** Where systemd looks for records. */
  folder: string
  /** Of all creators, whom sshd lets in by it. */
  gid: number
  /** What sshd looks for and no creator ever runs. */
  shell: string
}

const known = z.object({ userName: login, uid: z.int().min(FIRST_UID).max(LAST_UID) })
const secret = z.object({ privileged: z.object({ sshAuthorizedKeys: z.array(z.string()) }) })

export class Records {
  #options: RecordOptions

  constructor(options: RecordOptions) {
    this.#options = options
    mkdirSync(options.folder, { recursive: true, mode: 0o755 })
  }

  /**
   * Makes the records those of `accounts`, and returns the number that each creator has from now on. A creator who has lost a key or a
   * game gets a new one: whatever an older session still runs as is then nobody, even one that is logging in at this moment.
   */
  replace(accounts: Accounts): Map<string, number> {
    const uids = new Map<string, number>()
    const had = this.#read()
    for (const [name, { uid }] of had) if (accounts[name] === undefined) this.#remove(name, uid)
    let next = Math.max(FIRST_UID - 1, ...[...had.values()].map(({ uid }) => uid))
    const taken = new Set([...had.values()].map(({ uid }) => uid))
    const free = () => {
      do next = next >= LAST_UID ? FIRST_UID : next + 1
      while (taken.has(next))
      taken.add(next)
      return next
    }
    for (const [name, account] of Object.entries(accounts)) {
      const { keys } = account
      const games = openGames(account)
      const before = had.get(name)
      const lost = before && !(includes(keys, before.keys) && includes(games, before.games))
      const uid = before && !lost ? before.uid : free()
      if (before && lost) this.#remove(name, before.uid)
      this.#write(name, uid, keys, games)
      uids.set(name, uid)
    }
    return uids
  }

  #read(): Map<string, { uid: number; keys: string[]; games: string[] }> {
    const found = new Map<string, { uid: number; keys: string[]; games: string[] }>()
    for (const file of readdirSync(this.#options.folder)) {
      const name = /^(creator-.*)\.user$/.exec(file)?.[1]
      if (name === undefined) continue
      const open = known.extend({ games: z.array(z.string()) }).safeParse(this.#parse(`${name}.user`))
      const closed = secret.safeParse(this.#parse(`${name}.user-privileged`))
      if (!open.success) this.#drop(`${name}.user`)
      else {
        const keys = closed.success ? closed.data.privileged.sshAuthorizedKeys : []
        found.set(name, { uid: open.data.uid, games: open.data.games, keys })
      }
    }
    return found
  }

  #parse(file: string): unknown {
    try {
      return JSON.parse(readFileSync(join(this.#options.folder, file), 'utf8'))
    } catch {
      return undefined // half a record is none: it is made anew
    }
  }

  #write(userName: string, uid: number, keys: string[], games: string[]): void {
    const { gid, shell } = this.#options
    const privileged = { hashedPassword: ['*'], sshAuthorizedKeys: keys } // no password opens it, and it is not locked
    this.#put(`${userName}.user-privileged`, { privileged }, 0o600)
    const open = { userName, uid, gid, disposition: 'regular', homeDirectory: '/', shell, games }
    this.#put(`${userName}.user`, open, 0o644)
    for (const ending of ['user', 'user-privileged']) {
      this.#drop(`${uid}.${ending}`)
      symlinkSync(`${userName}.${ending}`, join(this.#options.folder, `${uid}.${ending}`))
    }
  }

  #remove(name: string, uid: number): void {
    for (const ending of ['user', 'user-privileged']) for (const key of [name, uid]) this.#drop(`${key}.${ending}`)
  }

  #drop(file: string): void {
    rmSync(join(this.#options.folder, file), { force: true })
  }

  #put(file: string, record: object, mode: number): void {
    const path = join(this.#options.folder, file)
    writeFileSync(`${path}.new`, `${JSON.stringify(record)}\n`, { mode })
    chmodSync(`${path}.new`, mode) // whatever the mask is
    renameSync(`${path}.new`, path)
  }
}

const includes = (all: string[], some: string[]): boolean => some.every((one) => all.includes(one))
