// What a game's host has told: which rooms are open, the game's log, its last mistake. Passes on what the website must know.
import type { Usage } from '@sandlot/shared/budgets.ts'
import { MAX_RESULT_CHARS } from '@sandlot/shared/limits.ts'
import type { CodeProblem } from '@sandlot/shared/protocol/messages.ts'
import { assertNever } from '@sandlot/shared/reasons.ts'
import type { TurnedAway } from '@sandlot/shared/traffic.ts'
import { visible } from '@sandlot/shared/visible.ts'
import type { FromHost } from '../host/link.ts'
import type { Reports } from './reports.ts'
import type { OpenRooms } from './rooms.ts'

const LOG_LINES = 200
const UNKEPT_REPEAT_MS = 10_000 // a game may write in every frame
const TOO_LARGE = `The result given to room.end has more than ${MAX_RESULT_CHARS / 1024} KiB and was not kept. Give a smaller one.`

export type LogLine = { at: number; room: string | null; text: string }
type Ended = Extract<FromHost, { t: 'ended' }>

export class GameRecord {
  #game: string
  #open = new Set<string>()
  #onDisk: OpenRooms
  #reports: Reports
  #log: LogLine[] = []
  #problem: CodeProblem | null = null
  #unkeptMs = -Infinity
  #measured: { usage: Usage; turnedAway: TurnedAway } | null = null

  constructor({ id, rooms, reports }: { id: string; rooms: OpenRooms; reports: Reports }) {
    this.#game = id
    this.#onDisk = rooms
    this.#reports = reports
    reports.watchStore(id, (text) => this.#unkept(text))
  }

  /** The game is no more: what the bridge still says about it is for nobody. */
  close(): void {
    this.#reports.watchStore(this.#game, null)
  }

  /** How many are open. */
  get rooms(): number {
    return this.#open.size
  }

  /** The last lines, oldest first. */
  get log(): readonly LogLine[] {
    return this.#log
  }

  /** What it uses of its budgets, as its host last told. */
  get usage(): Usage | null {
    return this.#measured?.usage ?? null
  }

  /** Which players it turned away since it started. */
  get turnedAway(): TurnedAway | null {
    return this.#measured?.turnedAway ?? null
  }

  /** A creator's mistake that a running room has met. */
  get problem(): CodeProblem | null {
    return this.#problem
  }

  /** What the host said of a build that it does not run. */
  mistake(problem: CodeProblem): void {
    this.#problem = problem
  }

  /** A new build runs. */
  healed(): void {
    this.#problem = null
  }

  open(room: string): void {
    if (this.#open.has(room)) return
    this.#open.add(room)
    this.#onDisk.open(room)
    this.#reports.room(this.#game, room, { type: 'opened' })
  }

  /** The host is gone, and its rooms with it; returns how many. */
  endAll(reason: 'crashed' | 'stopped'): number {
    this.#measured = null
    const ended = [...this.#open]
    for (const room of ended) this.#end(room, reason, null)
    return ended.length
  }

  /** Adds a line to the game's log. `room` null: about the game as a whole. What could steer a terminal or turn text around is made visible. */
  say(room: string | null, said: string): void {
    const text = visible(said)
    const line = { at: Date.now(), room, text }
    this.#log.push(line)
    if (this.#log.length > LOG_LINES) this.#log.shift()
    this.#reports.log(this.#game, line)
  }

  /** A host speaks for its own rooms only: what it says about others is not passed on. */
  receive(message: FromHost): void {
    switch (message.t) {
      case 'ended':
        this.#end(message.room, message.reason, message.result)
        return
      case 'seat':
        if (this.#open.has(message.room)) this.#reports.seat(this.#game, message.room, message.player, message.event)
        return
      case 'log':
        if (message.room === null || this.#open.has(message.room)) this.say(message.room, message.text)
        return
      case 'problem':
        this.#problem = message.problem
        return
      case 'store':
        this.#reports.store(this.#game, message.name, message.value)
        return
      case 'usage':
        this.#measured = message
        return
      case 'beat':
      case 'ready':
      case 'loaded':
      case 'ensured':
        return // signs of life and answers: host.ts and game.ts
      default:
        assertNever(message)
    }
  }

  #unkept(text: string): void {
    if (performance.now() < this.#unkeptMs + UNKEPT_REPEAT_MS) return
    this.#unkeptMs = performance.now()
    this.say(null, text)
  }

  #end(room: string, reason: Ended['reason'], result: Ended['result']): void {
    if (!this.#open.delete(room)) return
    const fits = JSON.stringify(result).length <= MAX_RESULT_CHARS
    if (!fits) this.say(room, TOO_LARGE)
    this.#reports.room(this.#game, room, { type: 'ended', reason, result: fits ? result : null })
    this.#onDisk.close(room)
  }
}
