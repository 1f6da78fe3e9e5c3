// Which rooms are open, kept as empty files so that a supervisor that was killed can report them ended when it is back.
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { roomId } from '@sandlot/shared/ids.ts'
import type { Disk } from './disk.ts'

export class OpenRooms {
  #folder: string
  #disk: Disk
  #unwritten = new Map<string, boolean>() // whether the room is open

  constructor(folder: string, disk: Disk) {
    this.#folder = folder
    this.#disk = disk
    mkdirSync(folder, { recursive: true, mode: 0o700 })
  }

  open(room: string): void {
    this.#set(room, true)
  }

  close(room: string): void {
    this.#set(room, false)
  }

  /** The rooms that were open when the last supervisor died. */
  leftover(): string[] {
    return readdirSync(this.#folder).filter((name) => roomId.safeParse(name).success)
  }

  #set(room: string, isOpen: boolean): void {
    if (this.#unwritten.get(room) === !isOpen) this.#unwritten.delete(room)
    else this.#unwritten.set(room, isOpen)
    this.#disk.write(this.#write)
  }

  #write = (): void => {
    for (const [room, isOpen] of this.#unwritten) {
      const path = join(this.#folder, room)
      if (isOpen) writeFileSync(path, '')
      else rmSync(path, { force: true })
      this.#unwritten.delete(room)
    }
  }
}
