// The types of what server.js exports and what its functions are given. Copy this file beside a game for completion in an editor.
// biome-ignore-all lint/suspicious/noExplicitAny: a game's state and messages are whatever its creator makes them.

export interface Player {
  /** The same for a player as long as the room lives. */
  readonly id: string
  readonly name: string
}

export interface Store {
  /** What was kept under this name, by any room of the game; undefined when nothing was. */
  get(name: string): any
  /** Keeps plain JSON beyond the room's life. Throws when the game's store is full. */
  set(name: string, value: unknown): void
}

export interface Room {
  /** Frames since the room began; `tickRate` of them are a second. */
  readonly frame: number
  readonly tickRate: number
  /** All who have a seat. */
  readonly players: readonly Player[]
  readonly store: Store
  /** 0 <= random() < 1; a room that is played again draws the same numbers. */
  random(): number
  /** Plain JSON for one player's `onMessage`. */
  send(player: Player | string, message: unknown): void
  /** Plain JSON for everybody's `onMessage`. */
  broadcast(message: unknown): void
  /** Ends the room when this frame is done; every player is told the result. */
  end(result: unknown): void
  /** A line of the log that the game's creator sees. */
  log(...values: unknown[]): void
}

export interface Server {
  /** The state of a new room: plain JSON. The other functions change it in place. */
  setup?(start: { random: () => number }): any
  /** A player took a seat, and keeps it: a throw undoes only what this call has changed, and everybody is shown the error. */
  join?(state: any, player: Player, room: Room): void
  /** A player left for good. */
  leave?(state: any, player: Player, room: Room): void
  /** This player is the host from now on: `gameAPI.isHost()` is true there and nowhere else. */
  host?(state: any, player: Player, room: Room): void
  /** Called by `gameAPI.send('NAME', data)`. A throw refuses that action and changes nothing. */
  actions?: { [name: string]: (state: any, player: Player, data: any, room: Room) => void }
  /** Called `tickRate` times a second. */
  tick?(state: any, room: Room): void
  /** What this player may see of the state; without it everybody sees all. */
  view?(state: any, player: Player): any
  /** Brings the state of a running room to this version of the code; returns the new state, or changes the old one. */
  migrate?(oldState: any, start: { fromBuild: string }): any
}
