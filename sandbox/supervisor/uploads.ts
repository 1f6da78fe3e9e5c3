// Creators' folders that they reach over SFTP stay within what a creator may put there: looked at while anybody is connected. A folder that
// has too much is closed, rid of what came last, and opened again.
import { setTimeout as delay } from 'node:timers/promises'
import type { Logger } from 'pino'
import { Folder } from './folder.ts'
import type { Sftp } from './sftp.ts'
import { type FolderLimits, fits, trim } from './trim.ts'

const PAUSE_MS = 2_000 // of a disk that takes 100 MiB a second, twice what a folder may have
const SHARE = 10 // for each second of looking, so many of not looking

export interface UploadsOptions {
  sftp: Pick<Sftp, 'reach' | 'close' | 'open'>
  folder(game: string): string
  limits: FolderLimits
  /** Whether anybody is connected. */
  isBusy(): boolean
  /** To the game's creator. */
  tell(game: string, text: string): void
  log: Logger
  pauseMs?: number
}

export class Uploads {
  #options: UploadsOptions
  #stop = new AbortController()
  #loop: Promise<void>

  constructor(options: UploadsOptions) {
    this.#options = options
    this.#loop = this.#run()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort()
    await this.#loop
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop
    let wasBusy = true // before our start somebody may have been
    for (let pauseMs = 0; !signal.aborted; ) {
      await delay(pauseMs, undefined, { signal }).catch(() => {})
      const isBusy = this.#options.isBusy()
      const startMs = performance.now()
      if (isBusy || wasBusy) await this.#sweep()
      wasBusy = isBusy
      pauseMs = Math.max(this.#options.pauseMs ?? PAUSE_MS, SHARE * (performance.now() - startMs))
    }
  }

  async #sweep(): Promise<void> {
    for (const { game, isClosed } of this.#options.sftp.reach()) {
      if (this.#stop.signal.aborted) return
      try {
        await this.#look(game, isClosed)
      } catch (error) {
        this.#options.log.error({ game, error }, 'folder not measured')
      }
    }
  }

  /** `isClosed`: by a supervisor that was killed over it. */
  async #look(game: string, isClosed: boolean): Promise<void> {
    const { sftp, folder, limits, tell, log } = this.#options
    await using root = await Folder.open(folder(game))
    if (!isClosed && (await fits(root, limits))) return
    await sftp.close(game)
    let removed = 0
    try {
      removed = await trim(root, limits)
    } finally {
      await sftp.open(game)
    }
    if (removed === 0) return
    log.warn({ game, removed }, 'folder had too much in it')
    const most = `${limits.bytes / 2 ** 20} MiB, ${limits.entries} files and folders, ${limits.depth} folders deep`
    tell(
      game,
      `More was uploaded than a game's folder may hold (${most}). What came last was removed: ${removed} files and folders. SFTP sessions were closed; connect again.`,
    )
  }
}
