// Notices when a full disk has room again.
import { statfs } from 'node:fs/promises'

const LOOK_MS = 2_000
const MORE_BYTES = 1024 * 1024 // below this nothing of note has been freed
const ANYWAY_MS = 60_000 // when it cannot be seen, because it is a user's quota that is used up

export interface SpaceOptions {
  /** Any folder on that disk. */
  folder: string
  /** Whether somebody waits for room. */
  isWanted(): boolean
  /** There may be some now. Called again when that was not so, and only after it has resolved. */
  onSpace(): Promise<void>
}

export class Space {
  #options: SpaceOptions
  #timer: NodeJS.Timeout
  #freeBytes = 0 // when it was tried last
  #triedMs = 0
  #looking: Promise<void> | null = null

  constructor(options: SpaceOptions) {
    this.#options = options
    this.#timer = setInterval(() => {
      this.#looking ??= this.#look().finally(() => {
        this.#looking = null
      })
    }, LOOK_MS)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer)
    await this.#looking
  }

  async #look(): Promise<void> {
    const { folder, isWanted, onSpace } = this.#options
    if (!isWanted()) {
      this.#freeBytes = 0
      return
    }
    const found = await statfs(folder).catch(() => null) // then the minute decides
    const freeBytes = found ? found.bavail * found.bsize : 0
    if (freeBytes < this.#freeBytes + MORE_BYTES && performance.now() < this.#triedMs + ANYWAY_MS) return
    this.#freeBytes = freeBytes
    this.#triedMs = performance.now()
    await onSpace()
  }
}
