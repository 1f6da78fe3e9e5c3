// Who has a seat in a room, who of them is connected, and who is the host (SPEC HS1 to HS3).
import { Bucket } from '@sandlot/shared/bucket.ts'
import { HOST_GRACE_MS, SEAT_HOLD_MS, SIGNAL_BURST, SIGNALS_PER_SECOND } from '@sandlot/shared/limits.ts'
import type { Player } from '@sandlot/shared/protocol/messages.ts'
import type { Build } from './build.ts'

/**
 * `held`: not connected, free at `untilMs`. `waiting`: connected, gets the whole state with the next frame. `synced`: has it.
 * `behind`: connected, but does not read; is sent nothing until it has caught up. `build`: the one it knows.
 */
export type Link =
  | { state: 'held'; untilMs: number }
  | { state: 'waiting' }
  | { state: 'synced' }
  | { state: 'behind'; build: Build }

interface Seat extends Player {
  signals: Bucket
  /** The game stands still in the player's browser. */
  away: boolean
  link: Link
}
export interface Seated extends Player {
  readonly link: Readonly<Link>
}

export class Seats {
  #seats = new Map<string, Seat>()
  #connected = 0
  #waiting = 0
  /** `lostMs`: when its connection dropped, unless it is connected. */
  #host: { id: string; lostMs: number } | undefined
  #hostIs: (player: string) => void

  /** `hostIs` hears who becomes host. */
  constructor(hostIs: (player: string) => void) {
    this.#hostIs = hostIs
  }

  get count(): number {
    return this.#seats.size
  }
  get connected(): number {
    return this.#connected
  }
  /** Those who are connected and need the whole state. */
  get waiting(): number {
    return this.#waiting
  }
  get host(): string | undefined {
    return this.#host?.id
  }

  has(player: string): boolean {
    return this.#seats.has(player)
  }

  /** Undefined: no seat. */
  link(player: string): Readonly<Link> | undefined {
    return this.#seats.get(player)?.link
  }

  players(): IterableIterator<string> {
    return this.#seats.keys()
  }

  all(): IterableIterator<Seated> {
    return this.#seats.values()
  }

  /** For a player who has none; it is not connected yet. */
  take({ id, name }: Player, nowMs: number): void {
    const signals = new Bucket(SIGNALS_PER_SECOND, SIGNAL_BURST)
    this.#seats.set(id, { id, name, signals, away: false, link: { state: 'held', untilMs: nowMs + SEAT_HOLD_MS } })
  }

  /** Whether there was one. */
  free(player: string): boolean {
    const seat = this.#seats.get(player)
    if (!seat) return false
    this.#count(seat, -1)
    this.#seats.delete(player)
    if (this.#host?.id === player) this.#nextHost()
    return true
  }

  connect(player: string): void {
    const seat = this.#seats.get(player)!
    this.#set(seat, { state: 'waiting' })
    seat.away = false
    if (this.#host?.id === player) this.#host.lostMs = Infinity
    if (!this.#host) this.#makeHost(player)
  }

  /** The player's connection is gone; the seat is held. */
  hold(player: string, nowMs: number): void {
    this.#set(this.#seats.get(player)!, { state: 'held', untilMs: nowMs + SEAT_HOLD_MS })
    if (this.#host?.id === player) this.#host.lostMs = nowMs
  }

  /** The player is connected and is in this state now. */
  put(player: string, link: Exclude<Link, { state: 'held' }>): void {
    this.#set(this.#seats.get(player)!, link)
  }

  /** The game stands still in the browser of a player who is connected, or goes on again. */
  away(player: string, away: boolean, nowMs: number): void {
    const seat = this.#seats.get(player)
    if (!seat || seat.link.state === 'held' || seat.away === away) return
    seat.away = away
    if (this.#host?.id === player) this.#host.lostMs = away ? nowMs : Infinity
  }

  /** Whether the player may signal once more. */
  maySignal(player: string, nowMs: number): boolean {
    return this.#seats.get(player)?.signals.take(nowMs) ?? false
  }

  /** Whose seats nobody came back to. */
  expired(nowMs: number): string[] {
    if (this.#connected === this.#seats.size) return []
    return [...this.#seats.values()]
      .filter(({ link }) => link.state === 'held' && nowMs >= link.untilMs)
      .map(({ id }) => id)
  }

  /** Makes somebody else host when the one there is has been lost for too long; whether it did. */
  replaceHost(nowMs: number): boolean {
    const isOver = this.#host !== undefined && nowMs >= this.#host.lostMs + HOST_GRACE_MS && this.#hasBetterHost()
    if (isOver) this.#nextHost()
    return isOver
  }

  #makeHost(player: string): void {
    this.#host = { id: player, lostMs: Infinity }
    this.#hostIs(player)
  }

  /** The first who is connected, of those who took their seats first, and rather one who plays; nobody while nobody is. */
  #nextHost(): void {
    const connected = [...this.#seats.values()].filter(({ link }) => link.state !== 'held')
    const next = connected.find(({ away }) => !away) ?? connected[0]
    this.#host = undefined
    if (next) this.#makeHost(next.id)
  }

  /** Whether somebody would do better than the host: it is gone, or its game stands still and another's does not. */
  #hasBetterHost(): boolean {
    const isPlaying = ({ away, link }: Seat) => link.state !== 'held' && !away
    const host = this.#seats.get(this.#host?.id ?? '')
    if (host?.away && host.link.state !== 'held') return [...this.#seats.values()].some(isPlaying)
    return this.#connected > 0
  }

  #set(seat: Seat, link: Link): void {
    this.#count(seat, -1)
    seat.link = link
    this.#count(seat, 1)
  }

  #count({ link }: Seat, by: 1 | -1): void {
    if (link.state !== 'held') this.#connected += by
    if (link.state === 'waiting') this.#waiting += by
  }
}
