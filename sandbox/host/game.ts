// All rooms of one game: their build, their store, and the one timer that steps them.

import { DEFAULT_BUDGETS, type Usage } from '@sandlot/shared/budgets.ts'
import { STALL_MS } from '@sandlot/shared/limits.ts'
import type { CodeProblem, Json } from '@sandlot/shared/protocol/messages.ts'
import { newRoomId } from '@sandlot/shared/random-ids.ts'
import type { CloseReason, EndReason } from '@sandlot/shared/reasons.ts'
import type { Build } from './build.ts'
import { IsolateError } from './isolate.ts'
import { Isolates } from './isolates.ts'
import { describe } from './problem.ts'
import { Room } from './room.ts'
import { Schedule } from './schedule.ts'
import { Usages } from './usage.ts'

/** What the rooms of a game have to say; `room` null: about the game as a whole. */
export interface GameSink {
  send(room: string, player: string, data: string | Buffer): void
  close(room: string, player: string, reason: CloseReason): void
  seat(room: string, player: string, event: 'joined' | 'left'): void
  log(room: string | null, text: string): void
  problem(problem: CodeProblem | null): void
  store(name: string, value: Json): void
  ended(room: string, reason: EndReason, result: Json): void
  /** Called by the frame loop itself, at least every second. */
  beat(): void
  /** What the game uses of its budgets; about once a second. */
  usage(usage: Usage): void
}

export type Ensured = { outcome: 'ok' | 'ended' | 'too-many-rooms' } | { outcome: 'failed'; problem: CodeProblem }

const MAX_SLEEP_MS = Math.min(250, STALL_MS / 4)
const TIDY_MS = 1_000
const MAX_SAVES = 25 // at one tidying, so that many rooms that come to rest together hold nobody up
const MAX_REMEMBERED = 10_000 // ended rooms, so that none of their ids comes to life again
const MEMORY_FOR_ROOMS = 0.8 // of the process's; the rest is for the rooms that are open
const SLOTS = 4 // of a period: rooms that run in the same slot share what is warm
const FAILURE_REPEAT_MS = 5_000 // the same failure to start a room is told again only after this
const VISITS = 16 // rooms that run before any of them is told about
const GOLDEN = (Math.sqrt(5) - 1) / 2
const KEPT_BUILDS = 3 // a browser that is about to load the client of the build before must still find it

/** The phase of the n-th room: multiples of the golden ratio, modulo 1, are spread evenly however many there are (Weyl's sequence). */
const phaseOf = (n: number): number => Math.floor(((n * GOLDEN) % 1) * SLOTS) / SLOTS

const START_MS = performance.timeOrigin
/** Milliseconds since 1970 on a clock that never jumps. */
export const now = (): number => START_MS + performance.now()

export class Game {
  #sink: GameSink
  #builds: Build[] = [] // newest last
  #rooms = new Map<string, Room>()
  #ended = new Set<string>()
  #store: Map<string, Json>
  #behind = new Set<Room>() // rooms that have not been offered the newest build yet
  #schedule = new Schedule<Room>()
  #timer: NodeJS.Timeout | undefined
  #soon: NodeJS.Immediate | undefined
  #wakeMs = Infinity // when it wakes next
  #made = 0
  #tidyMs = 0
  #failure = { text: '', atMs: 0 } // the last that was told
  #usages: Usages
  #isolates = new Isolates()

  /** `store` belongs to the game from now on. */
  constructor(build: Build, store: Map<string, Json>, sink: GameSink, usages = new Usages(DEFAULT_BUDGETS)) {
    this.#sink = sink
    this.#usages = usages
    this.#store = store
    this.#builds = [build]
    this.#wake()
  }

  get build(): Build {
    return this.#builds.at(-1)!
  }
  get roomCount(): number {
    return this.#rooms.size
  }
  get playerCount(): number {
    let count = 0
    for (const room of this.#rooms.values()) count += room.seatCount
    return count
  }
  /** The build of this id, if a browser may still ask for it. */
  findBuild(id: string): Build | undefined {
    return this.#builds.find((build) => build.id === id)
  }
  room(id: string): Room | undefined {
    return this.#rooms.get(id)
  }
  /** An open room with a free seat, the fullest first. */
  roomWithSeat(): Room | undefined {
    let best: Room | undefined
    for (const room of this.#rooms.values()) {
      if (room.hasFreeSeat && (best === undefined || room.seatCount > best.seatCount)) best = room
    }
    return best
  }

  /** A new room, or undefined when there are too many or the build does not start. */
  open(): Room | undefined {
    const id = newRoomId()
    this.ensure(id)
    return this.#rooms.get(id)
  }

  /** Makes the room unless it is there. */
  ensure(id: string): Ensured {
    if (this.#rooms.has(id)) return { outcome: 'ok' }
    if (this.#ended.has(id)) return { outcome: 'ended' }
    if (!this.#hasSpace()) return { outcome: 'too-many-rooms' }
    const seed = [...crypto.getRandomValues(new Uint32Array(4))]
    try {
      this.#rooms.set(
        id,
        new Room({
          id,
          build: this.build,
          seed,
          nowMs: now(),
          store: this.#store,
          usages: this.#usages,
          isolates: this.#isolates,
          phase: phaseOf(this.#made++),
          sink: this.#roomSink(id),
        }),
      )
    } catch (error) {
      if (!(error instanceof IsolateError)) throw error
      this.#failed(error.problem)
      return { outcome: 'failed', problem: error.problem }
    }
    return { outcome: 'ok' }
  }

  /** There is no room whose log could tell it. Each player who comes tries again. */
  #failed(problem: CodeProblem): void {
    const text = `No room could be started: ${describe(problem)}`
    if (this.#failure.text !== text || now() >= this.#failure.atMs + FAILURE_REPEAT_MS) {
      this.#failure = { text, atMs: now() }
      this.#sink.log(null, text)
    }
    this.#sink.problem(problem)
  }

  /** Whether the budgets allow one more room. */
  #hasSpace(): boolean {
    const { rooms, memoryMiB } = this.#usages.budgets
    if (this.#rooms.size >= rooms) {
      this.#usages.over('rooms')
      return false
    }
    if (this.#rooms.size > 0 && processMiB() > memoryMiB * MEMORY_FOR_ROOMS) {
      this.#usages.over('memoryMiB')
      return false
    }
    return true
  }

  #maySeat(): boolean {
    if (this.playerCount < this.#usages.budgets.players) return true
    this.#usages.over('players')
    return false
  }

  #report(nowMs: number): void {
    const usages = this.#usages
    usages.note('rooms', this.#rooms.size)
    usages.note('players', this.playerCount)
    usages.note('memoryMiB', processMiB())
    this.#sink.usage(usages.report(nowMs))
  }

  /** Offers `build` to the room with the most players; if it takes it, new rooms start with it and the others follow one by one. */
  load(build: Build): CodeProblem | null {
    if (build.id === this.build.id) return null
    const rooms = [...this.#rooms.values()].sort((a, b) => b.seatCount - a.seatCount)
    const problem = rooms[0]?.offer(build, now()) ?? null
    if (problem) return problem
    this.#builds = [...this.#builds.filter(({ id }) => id !== build.id), build].slice(-KEPT_BUILDS)
    this.#behind = new Set(rooms.slice(1))
    this.#sink.problem(null)
    for (const room of rooms) this.wake(room.id)
    this.#rise()
    return null
  }

  #roomSink(id: string) {
    const sink = this.#sink
    return {
      send: (player: string, data: string | Buffer) => sink.send(id, player, data),
      close: (player: string, reason: CloseReason) => sink.close(id, player, reason),
      seat: (player: string, event: 'joined' | 'left') => sink.seat(id, player, event),
      log: (text: string) => sink.log(id, text),
      beat: () => sink.beat(),
      maySeat: () => this.#maySeat(),
      problem: (problem: CodeProblem | null) => {
        if (problem) sink.log(id, describe(problem))
        sink.problem(problem)
      },
      store: (name: string, value: Json) => {
        if (value !== null) this.#store.set(name, value)
        else if (!this.#store.delete(name)) return // set and taken away within one frame
        this.#usages.note('storeBytes', storeBytes(this.#store))
        for (const room of this.#rooms.values()) {
          if (room.id === id) continue
          room.storeChanged(name, value)
          this.wake(room.id)
        }
        sink.store(name, value)
      },
      ended: (reason: EndReason, result: Json) => {
        const room = this.#rooms.get(id)
        if (room) this.#schedule.set(room, Infinity)
        this.#rooms.delete(id)
        this.#ended.add(id)
        if (this.#ended.size > MAX_REMEMBERED) this.#ended.delete(this.#ended.values().next().value!)
        sink.ended(id, reason, result)
      },
    }
  }

  /** To be called when something happened in a room, so that it steps at once when that makes a difference. */
  wake(id: string): void {
    const room = this.#rooms.get(id)
    if (!room) return
    this.#schedule.set(room, room.dueMs())
    this.#rise()
  }

  /** Wakes when the next room is due, unless it will anyway. */
  #rise(): void {
    const atMs = this.#behind.size > 0 ? 0 : this.#schedule.nextMs
    if (atMs >= this.#wakeMs) return
    this.#wakeMs = atMs
    clearTimeout(this.#timer)
    const inMs = atMs - now()
    if (inMs <= 0)
      this.#soon = setImmediate(() => this.#wake()) // after what else has come in by now
    else this.#timer = setTimeout(() => this.#wake(), inMs)
  }

  #wake(): void {
    const nowMs = now()
    this.#sink.beat()
    const due: Room[] = []
    for (let room = this.#schedule.take(nowMs); room; room = this.#schedule.take(nowMs)) due.push(room)
    due.sort((a, b) => a.isolate - b.isolate)
    for (let at = 0; at < due.length; at += VISITS) this.#step(due.slice(at, at + VISITS), nowMs)
    for (const room of due) this.#schedule.set(room, room.dueMs())
    if (nowMs >= this.#tidyMs) {
      this.#tidyMs = nowMs + TIDY_MS
      let saves = 0
      for (const room of this.#rooms.values()) {
        room.tidy(nowMs)
        if (saves < MAX_SAVES && room.saveIfDue(nowMs)) saves++ // of rooms that rest: others do it after a frame
        this.#schedule.set(room, room.dueMs())
      }
      this.#report(nowMs)
    }
    this.#updateOne(nowMs)
    this.#wakeMs = nowMs + MAX_SLEEP_MS
    clearTimeout(this.#timer)
    clearImmediate(this.#soon)
    this.#timer = setTimeout(() => this.#wake(), MAX_SLEEP_MS)
    this.#rise()
  }

  /** First the isolates, then the sockets: each room finds warm what the one before it has used. */
  #step(rooms: Room[], nowMs: number): void {
    for (const room of rooms) {
      if (!room.ended) room.run(nowMs)
      this.#sink.beat() // each room has its own time limit, and many slow ones together are no stall
    }
    for (const room of rooms) room.tell()
  }

  /** One room a turn, so that a new build for many rooms delays no frame by more than one of them. */
  #updateOne(nowMs: number): void {
    const [room] = this.#behind
    if (room === undefined) return
    this.#behind.delete(room)
    const problem = room.offer(this.build, nowMs)
    this.#schedule.set(room, room.dueMs())
    if (problem) this.#sink.log(room.id, `This room stays on its build: ${describe(problem)}`)
  }

  /** Stops stepping and frees the isolates; nothing is announced as ended. */
  stop(): void {
    clearTimeout(this.#timer)
    clearImmediate(this.#soon)
    for (const room of this.#rooms.values()) room.dispose()
  }
}

const processMiB = (): number => process.memoryUsage.rss() / 2 ** 20

/** As the bridge counts them. */
function storeBytes(store: Map<string, Json>): number {
  let bytes = 0
  for (const [name, value] of store) bytes += Buffer.byteLength(name) + Buffer.byteLength(JSON.stringify(value))
  return bytes
}
