// One room: seats, the queue of events, and frames. It owns no socket, timer or clock; callers say what happened and what time it is.
import { CHECKPOINT_MS, EMPTY_ROOM_MS, MAX_FRAME_INPUT_CHARS, MAX_LATE_MS, MAX_STUCK } from '@sandlot/shared/limits.ts'
import { encode } from '@sandlot/shared/protocol/codec.ts'
import type { ClientProblem, CodeProblem, Json, Player } from '@sandlot/shared/protocol/messages.ts'
import type { CloseReason, EndReason } from '@sandlot/shared/reasons.ts'
import type { Build } from './build.ts'
import { Credit } from './credit.ts'
import { Engine, type Frame, type Origin, takeOver } from './engine.ts'
import type { RoomEvent } from './frame.ts'
import { IsolateError } from './isolate.ts'
import type { Isolates } from './isolates.ts'
import { Mistakes } from './mistakes.ts'
import { describe } from './problem.ts'
import { RoomLog } from './room-log.ts'
import { Seats } from './seats.ts'
import type { Usages } from './usage.ts'

/** What a room has to say to the world. */
export interface RoomSink {
  send(player: string, data: string | Buffer): void
  close(player: string, reason: CloseReason): void
  seat(player: string, event: 'joined' | 'left'): void
  log(text: string): void
  /** A creator's error, or null: the room steps without one again. */
  problem(problem: CodeProblem | null): void
  /** Called within long work, between parts that have a time limit each: the room is not stuck. */
  beat(): void
  store(name: string, value: Json): void
  ended(reason: EndReason, result: Json): void
  /** Whether the game has a seat left, in whichever room. */
  maySeat(): boolean
}

const PROBLEM_REPEAT_MS = 5_000 // the same error of a room that ticks is told again only after this
const SLOWED_REPEAT_MS = 10_000
const LEFT_OUT_REPEAT_MS = 10_000
const STARVED = 0.5 // of a mistake: a timeout on a machine that had no time for the room either
const MATE = `Another room of this game was stopped; this one went on from its state of at most ${CHECKPOINT_MS / 1000} s before`
const FRAME_LIMITS = ['stateBytes', 'frameOutputBytes', 'frameMessages', 'storeBytes'] as const

export class Room {
  readonly id: string
  #sink: RoomSink
  #engine: Engine
  #isolates: Isolates
  #isAlone = false // in an isolate of its own
  #store: Map<string, Json>
  #seats: Seats
  #inGame = new Map<string, Player>() // whom the engine has been told of
  #events: RoomEvent[] = []
  #ran: { frame: Frame; nowMs: number } | undefined // and has not been told yet
  #actChars = 0 // of the actions that wait for the next frame
  #gone: string[] = []
  #dueMs = 0
  #phase: number
  #rested = true // nobody was connected, so no frame was due
  #leftOut = { frames: 0, toldMs: -Infinity }
  #checkpoint: { saved: string; atMs: number; stale: boolean }
  #stuck = 0
  #stuckMs = -Infinity // when it last passed a limit
  #emptySinceMs: number
  #problem: { message: string; atMs: number } | undefined
  #mistakes: Mistakes
  #usages: Usages
  #credit: Credit
  #spentMs = 0 // of CPU since the last tidy
  #tidiedMs: number
  #slowedMs = -Infinity // when the creator was told
  #log: RoomLog
  #ended = false

  /** Runs setup of `build`. Throws IsolateError. `store` is the game's store, shared with its other rooms and kept up to date by the caller. */
  constructor(options: {
    id: string
    build: Build
    seed: number[]
    nowMs: number
    store: Map<string, Json>
    usages: Usages
    isolates: Isolates
    /** Where in each period its frames fall, 0 <= phase < 1: rooms of the same phase run together. */
    phase?: number
    sink: RoomSink
  }) {
    const { id, build, seed, nowMs, store, usages, isolates, phase = 0, sink } = options
    const { budgets } = usages
    this.id = id
    this.#sink = sink
    this.#store = store
    this.#usages = usages
    this.#seats = new Seats((p) => this.#events.push({ k: 'host', p }))
    this.#log = new RoomLog(usages, (line) => sink.log(line))
    this.#mistakes = new Mistakes(usages, (line) => sink.log(line))
    this.#isolates = isolates
    this.#phase = phase
    this.#credit = new Credit(budgets.cpuMsPerSecond, budgets.cpuCreditMs)
    this.#tidiedMs = nowMs
    const origin: Origin = { kind: 'setup', seed, startMs: nowMs }
    this.#engine = Engine.start(build, origin, [...store], budgets, isolates)
    try {
      this.#checkpoint = { saved: this.#engine.save(), atMs: nowMs, stale: false }
      this.#weigh()
    } catch (error) {
      this.#engine.dispose()
      throw error
    }
    this.#log.add(this.#engine.logs, nowMs)
    this.#emptySinceMs = nowMs
  }

  get build(): Build {
    return this.#engine.build
  }
  /** Rooms of the same isolate have the same number. */
  get isolate(): number {
    return this.#engine.isolate
  }
  get ended(): boolean {
    return this.#ended
  }
  get seatCount(): number {
    return this.#seats.count
  }
  get hasFreeSeat(): boolean {
    return !this.#ended && this.#seats.count < this.build.manifest.players.max
  }
  get connected(): number {
    return this.#seats.connected
  }

  /** Gives `player` a seat, or finds the one it has; false when the room is full. The player is not connected yet. */
  sit(player: Player, nowMs: number): boolean {
    if (this.#seats.has(player.id)) return true
    if (!this.hasFreeSeat || !this.#sink.maySeat()) return false
    this.#seats.take(player, nowMs)
    this.#events.push({ k: 'join', p: { id: player.id, name: player.name } })
    this.#sink.seat(player.id, 'joined')
    return true
  }

  hasSeat(player: string): boolean {
    return this.#seats.has(player)
  }

  /** The player's socket is open; the whole state follows with the next frame. */
  connect(player: string): void {
    if (this.#seats.link(player)!.state !== 'held') this.#gone.push(player)
    this.#seats.connect(player)
    this.#announce()
  }

  /** The player's socket is gone; the seat is held. */
  disconnect(player: string, nowMs: number): void {
    if (!this.#seats.has(player) || this.#ended) return
    this.#seats.hold(player, nowMs)
    this.#restIfAlone()
    this.#gone.push(player)
    this.#announce()
  }

  /** The game stands still in a player's browser, or goes on again. */
  away(player: string, away: boolean, nowMs: number): void {
    this.#seats.away(player, away, nowMs)
  }

  /** The player does not read what it is sent: it is sent nothing until `catchUp`. */
  lag(player: string): void {
    if (!this.#isConnected(player)) return
    this.#seats.put(player, { state: 'behind', build: this.build })
    this.#gone.push(player)
  }

  /** The player reads again; the whole state follows with the next frame, instead of what was left out. */
  catchUp(player: string): void {
    const link = this.#seats.link(player)
    if (link?.state !== 'behind') return
    const { build } = link
    this.#seats.put(player, { state: 'waiting' })
    if (build !== this.build) this.#sink.send(player, encode({ t: 'build', client: this.build.client }))
    this.#sink.send(player, this.#playerList())
  }

  /** The player gives the seat up. */
  leave(player: string, nowMs: number): void {
    if (!this.#seats.has(player)) return
    this.#events.push({ k: 'leave', p: player })
    this.#seats.free(player) // another may become host
    this.#restIfAlone()
    this.#mistakes.forget(player)
    this.#gone.push(player)
    if (this.#seats.count === 0) this.#emptySinceMs = nowMs
    this.#sink.seat(player, 'left')
    this.#announce()
  }

  /** `chars`: how long the message was. A room whose players send more than it can take in one frame refuses the rest. */
  act(player: string, action: string, data: Json, chars = 0): void {
    this.#actChars += chars
    if (this.#actChars > MAX_FRAME_INPUT_CHARS) {
      this.#sink.send(player, encode({ t: 'refused', a: action, why: 'the room has too much to do; try again' }))
      return
    }
    this.#events.push({ k: 'act', p: player, a: action, d: data })
  }

  /** Passes on what a player's browser has to say to that of another, so that they can connect (SPEC PP1, PP2). */
  signal(from: string, to: string, data: string, nowMs: number): void {
    const { host } = this.#seats
    const mayTalk = from !== to && (from === host || to === host)
    const link = this.#seats.link(to)?.state
    const why = !this.build.client.peers
      ? 'this game has no direct connections'
      : !mayTalk || link === undefined
        ? 'only the host and another player may connect'
        : !this.#seats.maySignal(from, nowMs)
          ? 'too many signals'
          : undefined
    if (why !== undefined) this.#sink.send(from, encode({ t: 'refused', a: 'signal', why }))
    else if (link === 'waiting' || link === 'synced') this.#sink.send(to, encode({ t: 'signal', from, d: data }))
  }

  /** A player's browser tells of a mistake in the client code (SPEC MB1 to MB5); one of another build is no news. */
  mistake(player: string, problem: ClientProblem, nowMs: number): void {
    if (this.#isConnected(player) && problem.build === this.build.id) this.#mistakes.tell(player, problem, nowMs)
  }

  /** Another room of the game wrote to the store. */
  storeChanged(name: string, value: Json): void {
    // The last value of a name is all that counts, and a room where nobody is can wait for it.
    const waiting = this.#events.find((event) => event.k === 'store' && event.n === name)
    if (waiting?.k === 'store') waiting.v = value
    else this.#events.push({ k: 'store', n: name, v: value })
  }

  /** Whether it steps in its own time, whatever its players do. */
  get isPaced(): boolean {
    return this.#engine.ticks && this.#seats.connected > 0
  }

  /** When the next frame is due, in the clock of `nowMs`; Infinity: not before something happens. */
  dueMs(): number {
    if (this.#ended) return Infinity
    return Math.max(this.#wantedMs(), this.#credit.readyMs)
  }

  /** When the next frame is due for a room that has CPU time left. */
  #wantedMs(): number {
    if (this.#seats.waiting > 0) return 0 // a newcomer sees the game at once, not with the next tick
    if (this.isPaced) return this.#dueMs
    const counts = this.#seats.connected > 0 ? this.#events.length > 0 : this.#events.some(({ k }) => k !== 'store')
    return counts ? 0 : Infinity
  }

  /** Runs the frame that is due and sends what it says. */
  step(nowMs: number): void {
    this.run(nowMs)
    this.tell()
  }

  /** Runs the frame that is due; `tell` follows before anything else of this room is called. */
  run(nowMs: number): void {
    const between = this.#engine.ticks && nowMs < this.#dueMs
    if (!between) this.#plan(nowMs)
    const events = this.#events
    const full = this.#seats.waiting === 0 ? [] : this.#newcomers()
    const gone = this.#gone
    this.#events = []
    this.#actChars = 0
    this.#gone = []
    for (const event of events) {
      if (event.k === 'join') this.#inGame.set(event.p.id, event.p)
      if (event.k === 'leave') this.#inGame.delete(event.p)
    }
    let frame: Frame
    try {
      frame = this.#engine.frame(events, full, gone, nowMs, between)
    } catch (error) {
      if (!(error instanceof IsolateError)) throw error
      this.#charge(nowMs)
      this.#recover(error, nowMs)
      return
    }
    this.#usages.note('frameMs', this.#charge(nowMs))
    this.#meter(frame)
    if (frame.changed) this.#checkpoint.stale = true
    this.#ran = { frame, nowMs }
  }

  /** Sends what the frame that ran last has to say. */
  tell(): void {
    if (!this.#ran) return
    const { frame, nowMs } = this.#ran
    this.#ran = undefined
    this.#deliver(frame, nowMs)
    if (frame.end) this.end('finished', frame.end.result)
    else this.saveIfDue(nowMs)
  }

  /** Makes a checkpoint when the state has changed since the last one and that is long enough ago; whether it did. */
  saveIfDue(nowMs: number): boolean {
    const { stale, atMs } = this.#checkpoint
    if (this.#ended || !stale || nowMs < atMs + CHECKPOINT_MS) return false
    this.#trySave(nowMs)
    return true
  }

  #isConnected(player: string): boolean {
    return (this.#seats.link(player)?.state ?? 'held') !== 'held'
  }

  /** While nobody is connected no frame is due. */
  #restIfAlone(): void {
    if (this.#seats.connected === 0) this.#rested = true
  }

  #newcomers(): string[] {
    return [...this.#seats.all()].filter(({ link }) => link.state === 'waiting').map(({ id }) => id)
  }

  /** Takes the CPU time used since the last call from the room's credit; how much it was, in milliseconds. */
  #charge(nowMs: number): number {
    const spentMs = this.#engine.spentMs()
    this.#spentMs += spentMs
    if (this.#credit.spend(spentMs, nowMs)) {
      this.#usages.over('cpuMsPerSecond')
      if (nowMs >= this.#slowedMs + SLOWED_REPEAT_MS) {
        this.#slowedMs = nowMs
        this.#sink.log(
          `This room needs more CPU time than its ${this.#usages.budgets.cpuMsPerSecond} ms a second, so it runs slower. Do less in a frame, or lower tickRate in game.json`,
        )
      }
    }
    return spentMs
  }

  #meter({ chars, sent, over }: Frame): void {
    this.#usages.note('frameOutputBytes', chars)
    this.#usages.note('frameMessages', sent)
    for (const limit of FRAME_LIMITS) if (over[limit]) this.#usages.over(limit, over[limit])
  }

  /** Measures state and memory. */
  #weigh(): void {
    this.#usages.note('stateBytes', this.#checkpoint.saved.length)
    this.#usages.note('roomMemoryMiB', this.#engine.memoryMiB)
  }

  /** When the frame after this one is due. Late frames are caught up one after the other; those that are too late are left out. */
  #plan(nowMs: number): void {
    const period = 1000 / this.build.manifest.tickRate
    const offset = this.#phase * period
    const next = this.#dueMs + period
    const isMissed = next <= nowMs - MAX_LATE_MS
    const isOwnDoing = this.#rested || this.#credit.readyMs > this.#dueMs
    if (isMissed && !isOwnDoing) this.#leaveOut(Math.floor((nowMs - next) / period), nowMs)
    this.#rested = false
    const inTime = !isMissed && next < nowMs + period
    this.#dueMs = inTime ? next : (Math.floor((nowMs - offset) / period) + 1) * period + offset
  }

  #leaveOut(frames: number, nowMs: number): void {
    this.#leftOut.frames += frames
    if (nowMs < this.#leftOut.toldMs + LEFT_OUT_REPEAT_MS) return
    this.#sink.log(`This room left out ${this.#leftOut.frames} frames: the machine had no time for them`)
    this.#leftOut = { frames: 0, toldMs: nowMs }
  }

  #deliver(frame: Frame, nowMs: number): void {
    for (const { data, to } of frame.outputs) {
      for (const id of to ?? this.#seats.players()) {
        const state = this.#seats.link(id)?.state ?? 'held'
        if (state === 'held' || state === 'behind') continue
        if (state === 'waiting') {
          if (to === null) continue // has not got the state yet
          this.#seats.put(id, { state: 'synced' }) // the first message for a waiting player alone is the whole state
        }
        this.#sink.send(id, data)
      }
    }
    if (frame.logs.length > 0) this.#log.add(frame.logs, nowMs)
    if (frame.faults.length > 0) this.#log.add(frame.faults.map(describe), nowMs)
    for (const [name, value] of frame.store) this.#sink.store(name, value)
    if (frame.problem) this.#report(frame.problem, nowMs)
    else if (this.#problem && nowMs > this.#problem.atMs + PROBLEM_REPEAT_MS) {
      this.#problem = undefined
      this.#sink.problem(null)
    }
  }

  #report(problem: CodeProblem, nowMs: number): void {
    const known = this.#problem?.message === problem.message && nowMs < this.#problem.atMs + PROBLEM_REPEAT_MS
    if (known) return
    this.#problem = { message: problem.message, atMs: nowMs }
    this.#sink.problem(problem)
    this.#sendAll(encode({ t: 'error', e: problem }))
  }

  #trySave(nowMs: number): void {
    try {
      this.#save(nowMs)
    } catch (error) {
      if (!(error instanceof IsolateError)) throw error
      this.#recover(error, nowMs)
    }
  }

  #save(nowMs: number): void {
    this.#checkpoint = { saved: this.#engine.save(), atMs: nowMs, stale: false }
    this.#charge(nowMs)
    this.#weigh()
    if (nowMs >= this.#stuckMs + CHECKPOINT_MS) this.#stuck = 0 // it ran well for as long as from one checkpoint to the next
    if (this.#engine.crowded) this.#moveOut()
  }

  /** Goes on in an isolate of its own. */
  #moveOut(): void {
    this.#isAlone = true
    const next = this.#resume()
    this.#engine.dispose()
    this.#engine = next
    this.#resync()
  }

  /** An engine that goes on from the checkpoint. Throws IsolateError. */
  #resume(): Engine {
    const { budgets } = this.#usages
    return Engine.start(this.build, this.#origin(null, this.#checkpoint.saved), [...this.#store], budgets, this.#place)
  }
  get #place(): Isolates | undefined {
    return this.#isAlone ? undefined : this.#isolates
  }

  #origin(migrateFrom: string | null, saved: string): Extract<Origin, { kind: 'saved' }> {
    return { kind: 'saved', saved, players: [...this.#inGame.values()], migrateFrom }
  }

  /** The isolate passed a limit: a fresh one goes on from the last checkpoint, unless that happens too often. */
  #recover(error: IsolateError, nowMs: number): void {
    this.#engine.dispose()
    for (let cause = error; ; ) {
      if (cause.reason === 'mate') this.#sink.log(MATE)
      else this.#isAlone = true // what it does again shall cost no other room anything
      if (cause.reason === 'timeout') this.#usages.over('frameMs')
      if (cause.reason === 'memory') this.#usages.over('roomMemoryMiB')
      this.#sink.beat()
      if (cause.reason !== 'mate') {
        this.#stuckMs = nowMs
        this.#stuck += cause.starved ? STARVED : 1
        this.#report(cause.problem, nowMs)
      }
      if (this.#stuck >= MAX_STUCK) {
        this.end('stuck', null)
        return
      }
      try {
        this.#engine = this.#resume()
        break
      } catch (next) {
        if (!(next instanceof IsolateError)) throw next
        cause = next
      }
    }
    this.#resync()
  }

  #resync(): void {
    for (const { id, link } of this.#seats.all()) if (link.state === 'synced') this.#seats.put(id, { state: 'waiting' })
    if (this.#seats.host !== undefined) this.#events.push({ k: 'host', p: this.#seats.host }) // what was saved may know an earlier one, or none
  }

  /** Moves to `build` between two frames with state, seats and random sequence kept; the problem, and the old build runs on, if it cannot. */
  offer(build: Build, nowMs: number): CodeProblem | null {
    if (this.#ended || build.id === this.build.id) return null
    let next: Engine | undefined
    let saved: string
    try {
      const origin = this.#origin(this.build.id, this.#engine.isLost ? this.#checkpoint.saved : this.#engine.save())
      next = takeOver(build, origin, [...this.#store], this.#usages.budgets, this.#isolates, () => this.#sink.beat())
      saved = next.save()
    } catch (error) {
      next?.dispose()
      if (error instanceof IsolateError) return error.problem
      throw error
    }
    this.#engine.dispose()
    this.#engine = next
    this.#isAlone = false
    this.#checkpoint = { saved, atMs: nowMs, stale: false }
    this.#stuck = 0
    this.#problem = undefined
    this.#mistakes.renew()
    this.#log.add(next.logs, nowMs)
    this.#resync()
    this.#sendAll(encode({ t: 'build', client: build.client }))
    return null
  }

  /** Frees seats nobody came back to, and ends a room that stays empty. To be called about once a second. */
  tidy(nowMs: number): void {
    this.#noteRates((nowMs - this.#tidiedMs) / 1000)
    this.#tidiedMs = nowMs
    this.#mistakes.tidy(nowMs)
    for (const player of this.#seats.expired(nowMs)) this.leave(player, nowMs)
    if (this.#seats.replaceHost(nowMs)) this.#announce()
    if (!this.#ended && this.#seats.count === 0 && nowMs >= this.#emptySinceMs + EMPTY_ROOM_MS) this.end('empty', null)
  }

  #noteRates(seconds: number): void {
    if (seconds <= 0) return
    this.#log.noteRates(seconds)
    this.#usages.note('cpuMsPerSecond', this.#spentMs / seconds)
    this.#spentMs = 0
  }

  /** Ends the room for good. */
  end(reason: EndReason, result: Json): void {
    if (this.#ended) return
    this.#ended = true
    this.#engine.dispose()
    this.#sendAll(encode({ t: 'end', result }))
    for (const id of this.#seats.players()) this.#sink.close(id, 'room-ended')
    this.#sink.ended(reason, result)
  }

  /** Frees the isolate without a word to anyone. */
  dispose(): void {
    this.#ended = true
    this.#engine.dispose()
  }

  #sendAll(text: string): void {
    for (const { id, link } of this.#seats.all())
      if (link.state === 'waiting' || link.state === 'synced') this.#sink.send(id, text)
  }

  #announce(): void {
    this.#sendAll(this.#playerList())
  }

  #playerList(): string {
    const p = [...this.#seats.all()].map(({ id, name, link }) => ({ id, name, connected: link.state !== 'held' }))
    return encode({ t: 'players', p, host: this.#seats.host ?? null })
  }
}
