// All games of this node: where their files are, which run, and what the control door asks of them.

import { randomUUID } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { lstat, mkdir, rename, rm, rmdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Budgets } from '@sandlot/shared/budgets.ts'
import { gameId } from '@sandlot/shared/ids.ts'
import type { Logger } from 'pino'
import { Builder, type BuildResult } from '../build/builder.ts'
import { watchFolder } from '../build/watch.ts'
import { Builds } from './builds.ts'
import type { Control, EnsureAnswer, GameAnswer, SftpInfo } from './control.ts'
import { type Disk, isDiskFull } from './disk.ts'
import { Files } from './files.ts'
import { Folder } from './folder.ts'
import { Game } from './game.ts'
import { Locks } from './locks.ts'
import { Owners } from './owners.ts'
import { type Demand, Places } from './places.ts'
import type { Launcher } from './process.ts'
import type { Ready } from './ready.ts'
import type { Reports } from './reports.ts'
import { OpenRooms } from './rooms.ts'
import type { Sftp } from './sftp.ts'
import { Slots } from './slots.ts'
import { Space } from './space.ts'
import { copyTemplate } from './template.ts'
import { empty } from './tree.ts'
import type { Uploads } from './uploads.ts'

const KEYS = 'keys of everybody' // of a lock, like names of games
const BUILDS_AT_ONCE = 2 // each may take a core

export interface SupervisorOptions {
  /**
   * Holds `games/GAME/` (creators' folders), `builds/GAME/`, `run/` (sockets), `rooms/` (which are open), `stopped/` (games that their
   * creators have stopped), `restored/` (when the operator put files of a copy into which game), `owners/`, `tmp/`.
   */
  data: string
  ticketKey: string
  site: string
  launcher: Launcher
  reports: Reports
  disk: Disk
  sftp: Sftp
  /** Looks after what creators put into their folders. Undefined: nobody does, or not yet. */
  uploads?: () => Pick<Uploads, 'created' | 'changed' | 'saving'> | undefined
  /** How many games may run at the same time. */
  runningGames: number
  /** What each game may use. */
  budgets: (game: string) => Budgets
  log: Logger
}

interface Known {
  game: Game
  builds: Builds
  watch: { close(): Promise<void> }
}

export class Supervisor implements Control {
  #options: SupervisorOptions
  #folders: Record<'games' | 'builds' | 'run' | 'rooms' | 'stopped' | 'restored' | 'owners' | 'tmp', string>
  #known = new Map<string, Known>()
  #files: Files
  #rooms: OpenRooms
  #owners: Owners
  #places: Places
  #locks = new Locks()
  #keysTold = new Map<string, number>() // version, by owner: what is on its way is no older than this process
  #slots = new Slots(BUILDS_AT_ONCE)
  #builder: Builder
  #space: Space
  #closed = false
  #catchUp: Promise<void> = Promise.resolve()

  private constructor(options: SupervisorOptions) {
    this.#options = options
    const folder = (name: string, mode = 0o700) => {
      const path = join(options.data, name)
      mkdirSync(path, { recursive: true, mode })
      return path
    }
    this.#folders = {
      games: folder('games'),
      builds: folder('builds', 0o750), // for game hosts of other users, whose group it may have
      run: folder('run'),
      rooms: folder('rooms'),
      stopped: folder('stopped'),
      restored: folder('restored'),
      owners: folder('owners'),
      tmp: folder('tmp'),
    }
    const ownerOf = (game: string) => this.#owners.of(game)
    this.#places = new Places(options.runningGames, ownerOf)
    this.#files = new Files({
      games: this.#folders.games,
      temporary: this.#folders.tmp,
      ownerOf,
      saving: (game, save, act) => this.#uploads?.saving(game, save, act) ?? act(),
    })
    this.#rooms = new OpenRooms(this.#folders.rooms, options.disk)
    this.#owners = new Owners(this.#folders.owners, options.disk)
    this.#builder = new Builder({ out: this.#folders.builds, launcher: options.launcher.builds })
    this.#space = new Space({
      folder: options.data,
      isWanted: () => [...this.#known.values()].some(({ builds }) => builds.lacksRoom),
      onSpace: () => this.#buildAll(({ lacksRoom }) => lacksRoom),
    })
  }

  /** Knows every game folder at once; builds those that changed while nobody watched one after the other, in the background. */
  static async open(options: SupervisorOptions): Promise<Supervisor> {
    const supervisor = new Supervisor(options)
    await supervisor.#clear(supervisor.#folders.tmp) // what a killed supervisor left half done
    for (const room of supervisor.#rooms.leftover()) {
      options.reports.room(null, room, { type: 'ended', reason: 'crashed', result: null })
      supervisor.#rooms.close(room)
    }
    for (const name of readdirSync(supervisor.#folders.games)) {
      if (gameId.safeParse(name).success) await supervisor.#add(name)
    }
    supervisor.#catchUp = supervisor.#buildAll()
    return supervisor
  }

  createGame({
    game,
    owner,
    template,
    title,
  }: Parameters<Control['createGame']>[0]): ReturnType<Control['createGame']> {
    return this.#locks.with(game, async () => {
      const made = await copyTemplate(template, title, this.#folder(game), this.#folders.tmp).catch(noRoom)
      if (made === 'disk-full') {
        this.#options.log.error({ game }, 'not created: the disk is full')
        return { ok: false, reason: 'disk-full' }
      }
      if (!made) return { ok: false, reason: 'exists' }
      this.#owners.set(game, owner)
      this.#options.log.info({ game, owner, template }, 'game created')
      const { builds } = await this.#add(game)
      this.#uploads?.created(game)
      void this.#update(game, builds)
      return { ok: true }
    })
  }

  removeGame(game: string): Promise<GameAnswer> {
    return this.#locks.with(game, async () => {
      const known = this.#known.get(game)
      if (!known) return NO_SUCH_GAME
      await this.#options.sftp.forget(game) // first: its files must not change any more
      this.#known.delete(game)
      await known.watch.close()
      await known.game[Symbol.asyncDispose]()
      this.#keepStopped(game)
      await known.builds.idle()
      await rm(join(this.#folders.builds, game), { recursive: true, force: true }) // first: on a full disk the rest needs room
      this.#options.disk.retry()
      await this.#options.reports.forget(game)
      const grave = join(this.#folders.tmp, randomUUID())
      await mkdir(grave, { mode: 0o700 })
      await rename(this.#folder(game), join(grave, game)).catch(ignoreMissing)
      if (await this.#clear(grave)) await rmdir(grave)
      await rm(join(this.#folders.restored, game), { force: true })
      this.#owners.forget(game)
      this.#options.log.info({ game }, 'game removed')
      return { ok: true }
    })
  }

  async startGame(game: string): Promise<GameAnswer> {
    const known = this.#known.get(game)
    if (!known) return NO_SUCH_GAME
    const starting = known.game.start()
    this.#keepStopped(game)
    const ready = await starting
    if (ready.ok) return { ok: true }
    const { reason } = ready
    return { ok: false, reason: reason === 'crashed' || reason === 'stopped' ? 'unavailable' : reason }
  }

  async stopGame(game: string): Promise<GameAnswer> {
    const known = this.#known.get(game)
    if (!known) return NO_SUCH_GAME
    const stopping = known.game.hold()
    this.#keepStopped(game)
    await stopping
    return { ok: true }
  }

  async listGames(): ReturnType<Control['listGames']> {
    return [...this.#known.values()].map(({ game }) => game.status)
  }

  async status(game: string): ReturnType<Control['status']> {
    const known = this.#known.get(game)
    if (!known) return NO_SUCH_GAME
    return { ok: true, status: { ...known.game.status, log: [...known.game.log] } }
  }

  async ensureRoom(game: string, room: string): Promise<EnsureAnswer> {
    const known = this.#known.get(game)
    return known ? known.game.ensure(room) : { ...NO_SUCH_GAME, problem: null }
  }

  async closeRoom(game: string, room: string): Promise<GameAnswer> {
    const known = this.#known.get(game)
    if (!known) return NO_SUCH_GAME
    known.game.closeRoom(room)
    return { ok: true }
  }

  listFiles(game: string): ReturnType<Control['listFiles']> {
    return this.#files.list(game)
  }

  readFile(game: string, path: string): ReturnType<Control['readFile']> {
    return this.#files.read(game, path)
  }

  writeFile(input: Parameters<Control['writeFile']>[0]): ReturnType<Control['writeFile']> {
    return this.#files.write(input)
  }

  removeFile(input: Parameters<Control['removeFile']>[0]): ReturnType<Control['removeFile']> {
    return this.#files.remove(input)
  }

  async sftpInfo(game: string): Promise<SftpInfo> {
    return this.#options.sftp.info(game)
  }

  async setKeys({ owner, games, keys, version }: Parameters<Control['setKeys']>[0]): ReturnType<Control['setKeys']> {
    if (version < (this.#keysTold.get(owner) ?? 0)) return { ok: true }
    this.#keysTold.set(owner, version)
    return this.#locks.with(KEYS, async () => {
      const here = games.filter((game) => this.#known.has(game))
      for (const game of here) this.#owners.set(game, owner)
      const access = { owner, games: here, keys: here.length > 0 ? keys : [] }
      return (await this.#options.sftp.setKeys(access)) ? { ok: true } : { ok: false, reason: 'too-many-creators' }
    })
  }

  get games(): string[] {
    return [...this.#known.keys()]
  }

  /** When the operator last put files of a copy into the game's folder, in milliseconds since 1970, later than now: is doing so; 0: never. */
  async restoredMs(game: string): Promise<number> {
    return (await lstat(join(this.#folders.restored, game)).catch(() => null))?.mtimeMs ?? 0
  }

  /** Which creator a game belongs to. */
  ownerOf(game: string): string {
    return this.#owners.of(game)
  }

  /** Adds a line to the game's log, which its creator reads. */
  tell(game: string, text: string): void {
    this.#known.get(game)?.game.tell(text)
  }

  /** For the front door. Undefined: there is no such game. */
  async ready(game: string, demand: Demand = 'room'): Promise<Ready | undefined> {
    return this.#known.get(game)?.game.ready(demand)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true
    await this.#space[Symbol.asyncDispose]()
    const all = [...this.#known.values()]
    await Promise.all(all.map(({ watch }) => watch.close()))
    await Promise.all(all.map(({ game }) => game[Symbol.asyncDispose]()))
    await this.#builder[Symbol.asyncDispose]()
    await this.#catchUp
  }

  /** Empties a folder of ours that may hold what a creator still changes. False: something stays there until the next start. */
  async #clear(path: string): Promise<boolean> {
    try {
      const folder = await Folder.open(path)
      try {
        await empty(folder)
      } finally {
        await folder.close()
      }
      return true
    } catch (error) {
      this.#options.log.warn({ path, error }, 'not removed')
      return false
    }
  }

  /** Brings the disk up to date with whether its creator has stopped a game, for the next supervisor. */
  #keepStopped(game: string): void {
    const path = join(this.#folders.stopped, game)
    this.#options.disk.write(() => {
      if (this.#known.get(game)?.game.status.held === 'creator') writeFileSync(path, '')
      else rmSync(path, { force: true })
    })
  }

  get #uploads() {
    return this.#options.uploads?.()
  }

  #folder(game: string): string {
    return join(this.#folders.games, game)
  }

  async #add(id: string): Promise<Known> {
    const { launcher, reports, ticketKey, site, budgets, log } = this.#options
    const source = this.#folder(id)
    const builds: Builds = await Builds.open({
      source,
      out: join(this.#folders.builds, id),
      make: (from, out) =>
        this.#slots.with(
          this.#owners.of(id),
          (): Promise<BuildResult> => this.#builder.build(from, { out, budgets: budgets(id) }),
        ),
      adopt: (candidate) => game.adopt(candidate),
    })
    const host = { launcher, run: this.#folders.run, ticketKey, site }
    const isStopped = existsSync(join(this.#folders.stopped, id))
    const game: Game = new Game({
      ...{ id, builds, rooms: this.#rooms, reports, places: this.#places, host, isStopped, log },
      budgets: () => budgets(id),
    })
    const watch = await watchFolder(source, () => {
      this.#uploads?.changed(id)
      void this.#update(id, builds)
    })
    const known = { game, builds, watch }
    this.#known.set(id, known)
    return known
  }

  /** A folder that somebody deleted keeps its last build; anything else that goes wrong is for the log. */
  async #update(game: string, builds: Builds): Promise<void> {
    if (this.#closed || !(await lstat(this.#folder(game)).catch(() => null))) return
    const { lacksRoom } = builds
    try {
      await builds.update()
      if (builds.lacksRoom && !lacksRoom)
        this.#options.log.error({ game }, 'the disk is full: a version that was saved is built when there is room')
    } catch (error) {
      if (!this.#closed) this.#options.log.error({ game, error }, 'build failed')
    }
  }

  async #buildAll(isWanted: (builds: Builds) => boolean = () => true): Promise<void> {
    for (const [id, { builds }] of [...this.#known]) {
      if (this.#closed) return
      if (isWanted(builds)) await this.#update(id, builds)
    }
  }
}

const NO_SUCH_GAME = { ok: false, reason: 'no-such-game' } as const

function noRoom(error: unknown): 'disk-full' {
  if (isDiskFull(error)) return 'disk-full'
  throw error
}

function ignoreMissing(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT') throw error
}
