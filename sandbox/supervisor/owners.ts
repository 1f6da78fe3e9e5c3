// Which creator each game of this node belongs to, as the website told. What one creator may have is counted over all games of theirs.
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gameId, userId } from '@sandlot/shared/ids.ts'
import type { Disk } from './disk.ts'

export class Owners {
  #folder: string
  #disk: Disk
  #of = new Map<string, string>()

  /** `folder` keeps a file a game. One that a crash has cut off is as good as none: the website tells all again whenever it starts. */
  constructor(folder: string, disk: Disk) {
    this.#folder = folder
    this.#disk = disk
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    for (const game of readdirSync(folder)) {
      const owner = userId.safeParse(readFileSync(join(folder, game), 'utf8'))
      if (gameId.safeParse(game).success && owner.success) this.#of.set(game, owner.data)
    }
  }

  /** A game whose creator nobody has named counts as one of a creator of its own. */
  of(game: string): string {
    return this.#of.get(game) ?? `the creator of ${game}`
  }

  set(game: string, owner: string): void {
    if (this.#of.get(game) === owner) return
    this.#of.set(game, owner)
    this.#keep(game)
  }

  forget(game: string): void {
    this.#of.delete(game)
    this.#keep(game)
  }

  /** Brings the game's file up to date, now or when there is room. */
  #keep(game: string): void {
    const path = join(this.#folder, game)
    this.#disk.write(() => {
      const owner = this.#of.get(game)
      if (owner === undefined) rmSync(path, { force: true })
      else writeFileSync(path, owner)
    })
  }
}
