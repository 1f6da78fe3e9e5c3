// Unsaved text of one game's files, kept in this tab so that an accidental reload loses nothing.
import type { TabStorage } from '../lib/storage.ts'

/** `base`: hash of the version the text was typed over, null for a file that is not on the server. */
export interface Draft {
  text: string
  base: string | null
}

export class Drafts {
  #storage: TabStorage
  #key: string

  constructor(storage: TabStorage, game: string) {
    this.#storage = storage
    this.#key = `sandlot.drafts.${game}`
  }

  all(): Map<string, Draft> {
    try {
      const entries = Object.entries(JSON.parse(this.#storage.getItem(this.#key) ?? '{}') as Record<string, Draft>)
      return new Map(entries.filter(([, draft]) => typeof draft?.text === 'string'))
    } catch {
      return new Map() // not ours, or damaged
    }
  }

  /** False when the tab's storage is full: the text is then safe only while the page stays. */
  keep(drafts: ReadonlyMap<string, Draft>): boolean {
    try {
      if (drafts.size === 0) this.#storage.removeItem(this.#key)
      else this.#storage.setItem(this.#key, JSON.stringify(Object.fromEntries(drafts)))
      return true
    } catch {
      return false
    }
  }
}
