// Which rooms are open, kept as empty files so that a supervisor that was killed can report them ended when it is back.
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { roomId } from '@sandlot/shared/ids.ts'

export class OpenRooms {
  #folder: string

  constructor(folder: string) {
    this.#folder = folder
    mkdirSync(folder, { recursive: true, mode: 0o700 })
  }

  open(room: string): void {
    writeFileSync(join(this.#folder, room), '')
  }

  close(room: string): void {
    rmSync(join(this.#folder, room), { force: true })
  }

  /** The rooms that were open when the last supervisor died. */
  leftover(): string[] {
    return readdirSync(this.#folder).filter((name) => roomId.safeParse(name).success)
  }
}
