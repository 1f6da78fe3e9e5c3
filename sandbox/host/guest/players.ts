// Who is in the room, as the creator's functions see it, and whom the game's own `join` has taken in.
import type { Player } from '@sandlot/shared/protocol/messages.ts'
import { append } from './text.ts'

const { create, freeze, keys: keysOf } = Object

export class Players {
  /** Frozen: it is handed to the creator's code. */
  list: readonly Player[] = freeze([])
  /** Players for whom `join` has run without a throw. */
  #joined: Record<string, true> = create(null)

  find(id: string): Player | undefined {
    for (let i = 0; i < this.list.length; i++) if (this.list[i]!.id === id) return this.list[i]
    return undefined
  }

  add({ id, name }: Player): Player {
    const player: Player = freeze({ id, name })
    const list: Player[] = []
    for (let i = 0; i < this.list.length; i++) if (this.list[i]!.id !== id) append(list, this.list[i]!)
    append(list, player)
    this.list = freeze(list)
    return player
  }

  remove(id: string): void {
    const list: Player[] = []
    for (let i = 0; i < this.list.length; i++) if (this.list[i]!.id !== id) append(list, this.list[i]!)
    this.list = freeze(list)
  }

  hasJoined(id: string): boolean {
    return this.#joined[id] === true
  }
  setJoined(id: string, joined: boolean): void {
    if (joined) this.#joined[id] = true
    else delete this.#joined[id]
  }

  /** A copy to go back to. */
  copy(): Players {
    const copy = new Players()
    copy.list = this.list
    const ids = keysOf(this.#joined)
    for (let i = 0; i < ids.length; i++) copy.#joined[ids[i]!] = true
    return copy
  }
}
