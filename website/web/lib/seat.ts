// Remembers this tab's seats, so that a reload comes back to the same one. Other tabs have seats of their own.
import type { TabStorage } from './storage.ts'

export interface Seat {
  room: string
  player: string
}
const key = (game: string) => `sandlot.seat.${game}`
const roomKey = (room: string) => `sandlot.room.${room}`

export class SeatMemory {
  #storage: TabStorage

  constructor(storage: TabStorage) {
    this.#storage = storage
  }

  /** The seat this tab holds in a game. */
  get(game: string): Seat | null {
    return this.#read(key(game))
  }
  /** The seat this tab holds in a room, of whatever game. */
  inRoom(room: string): Seat | null {
    return this.#read(roomKey(room))
  }
  set(game: string, seat: Seat): void {
    try {
      this.#storage.setItem(key(game), JSON.stringify(seat))
      this.#storage.setItem(roomKey(seat.room), JSON.stringify(seat))
    } catch {
      // full: a reload then takes a new seat
    }
  }
  forget(game: string): void {
    const seat = this.get(game)
    if (seat) this.#storage.removeItem(roomKey(seat.room))
    this.#storage.removeItem(key(game))
  }

  #read(name: string): Seat | null {
    try {
      const { room, player } = JSON.parse(this.#storage.getItem(name) ?? '{}')
      return typeof room === 'string' && typeof player === 'string' ? { room, player } : null
    } catch {
      return null
    }
  }
}
