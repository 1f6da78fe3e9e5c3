// One game's life: started on demand, watched, restarted with back-off, stopped when nobody plays.

import type { Budgets } from '@sandlot/shared/budgets.ts'
import { CRASH_MEMORY_MS, MAX_CRASHES } from '@sandlot/shared/limits.ts'
import type { CodeProblem } from '@sandlot/shared/protocol/messages.ts'
import { assertNever } from '@sandlot/shared/reasons.ts'
import type { Logger } from 'pino'
import type { FromHost } from '../host/link.ts'
import { retryDelayMs } from './backoff.ts'
import type { Build, Builds, Candidate } from './builds.ts'
import type { EnsureAnswer } from './control.ts'
import { Host, type HostOptions } from './host.ts'
import { withinMs } from './patience.ts'
import { type Contender, type Demand, type Place, type Places, RETRY_MS } from './places.ts'
import { type Hold, held, type NotNow, type Ready, unavailable } from './ready.ts'
import { GameRecord, type LogLine } from './record.ts'
import type { Reports } from './reports.ts'
import type { OpenRooms } from './rooms.ts'

const RESTART = { firstMs: 200, maxMs: 30_000 }
const HEALTHY_MS = 60_000 // running this long forgets earlier failures
const PATIENCE_MS = 1_000 // who asks during a back-off waits this long, else hears when to come back
const START_PATIENCE_MS = 8_000 // below DOOR_TIMEOUT_MS, so that the website hears why
const IDLE_MS = 5 * 60_000 // without a room and without anybody asking
const IDLE_CHECK_MS = 10_000

// stopped: no process (`leaving` resolves when the last one is gone). Left by anyone asking for the game, unless it is held: then by
//   its creator alone, by a new build when it was its crashes. `why` says what went wrong when it stopped by itself.
// starting: a process comes up; `outcome` says how that ended. `host` is null while the game's store is fetched. Left to running
//   at `ready`, to backing-off when the process dies or is late, to stopped by `stop`.
// running: takes players. Left to backing-off when the process dies or falls silent, to stopped by `stop` or when idle.
// backing-off: died, and comes back at `until` (`over` resolves then). Left to starting by its timer, to stopped by `stop` or when
//   nobody has asked for the game lately, or it died too often.
type Life =
  | { state: 'stopped'; why: string | null; leaving: Promise<void>; hold: Hold | null }
  | { state: 'starting'; host: Host | null; outcome: Promise<Ready> }
  | { state: 'running'; host: Host; sinceMs: number; players: number }
  | { state: 'backing-off'; why: string; untilMs: number; timer: NodeJS.Timeout; over: PromiseWithResolvers<void> }

export interface GameOptions {
  id: string
  builds: Builds
  rooms: OpenRooms
  reports: Reports
  places: Places
  host: Pick<HostOptions, 'launcher' | 'run' | 'ticketKey' | 'site'>
  /** What the game may use; looked at whenever it starts. */
  budgets(): Budgets
  /** Its creator had stopped it when this node went down. */
  isStopped: boolean
  log: Logger
}
export class Game implements Contender {
  readonly id: string
  #options: GameOptions
  #life: Life
  #record: GameRecord
  #failures = 0
  #crashes: number[] = [] // when, of late
  #askedMs = 0
  #wanted = 0 // rooms that are being asked for
  #place: Place | null = null // while it does not stand still
  #idleCheck: NodeJS.Timeout
  #closed = false

  constructor(options: GameOptions) {
    this.id = options.id
    this.#options = options
    this.#life = stopped(null, options.isStopped ? { by: 'creator' } : null)
    this.#record = new GameRecord(options)
    this.#idleCheck = setInterval(() => this.#stopIdle(), IDLE_CHECK_MS)
  }

  get status() {
    const life = this.#current
    return {
      game: this.id,
      state: life.state,
      why: life.state === 'stopped' || life.state === 'backing-off' ? life.why : null,
      held: life.state === 'stopped' ? (life.hold?.by ?? null) : null,
      rooms: this.#record.rooms,
      players: life.state === 'running' ? life.players : 0,
      build: this.#options.builds.current?.id ?? null,
      problem: this.#options.builds.problem ?? this.#record.problem,
      usage: this.#record.usage,
      turnedAway: this.#record.turnedAway,
    }
  }

  /** Adds a line to the game's log. */
  tell(text: string): void {
    this.#record.say(null, text)
  }

  /** The last lines of the game's log, oldest first. */
  get log(): readonly LogLine[] {
    return this.#record.log
  }

  /** The host when it takes players; starts it when it does not run and there is a place. Waits through a start and a short back-off. */
  async ready(demand: Demand = 'room'): Promise<Ready> {
    this.#askedMs = Date.now()
    for (;;) {
      const life = this.#current
      if (this.#closed) return unavailable('The game server is being stopped.', PATIENCE_MS)
      switch (life.state) {
        case 'running':
          return { ok: true, host: life.host }
        case 'starting':
          return withinMs(START_PATIENCE_MS, life.outcome, STILL_STARTING)
        case 'backing-off': {
          const retryMs = life.untilMs - Date.now()
          if (retryMs > PATIENCE_MS) return unavailable(life.why, retryMs)
          await life.over.promise
          break
        }
        case 'stopped': {
          if (life.hold) return held(life.hold, life.why)
          await life.leaving
          if (!this.#options.builds.current) await this.#options.builds.first()
          if (this.#life !== life || this.#closed) break // somebody else asked too, or the game was removed meanwhile
          const build = this.#options.builds.current
          if (!build) return { ok: false, reason: 'no-build', problem: this.#options.builds.problem }
          const place = this.#options.places.take(this, demand)
          if (!place.ok) return { ...place, retryMs: RETRY_MS }
          this.#failures = 0
          this.#place = place
          this.#start(build)
          break
        }
        default:
          assertNever(life)
      }
    }
  }

  /** Its creator starts it: whatever held it is forgotten, and a back-off ends now. */
  start(): Promise<Ready> {
    this.#crashes = []
    if (this.#life.state === 'stopped') this.#life = { ...this.#life, why: null, hold: null }
    if (this.#life.state === 'backing-off') {
      clearTimeout(this.#life.timer)
      this.#askedMs = Date.now()
      this.#comeBack()
    }
    return this.ready()
  }

  /** Its creator stops it, until `start`. Resolves when the process is gone. */
  async hold(): Promise<void> {
    const gone = this.stop()
    if (this.#life.state === 'stopped') this.#life = { ...this.#life, why: null, hold: { by: 'creator' } }
    await gone
  }

  idleSinceMs(): number | undefined {
    const { state } = this.#life
    const isUsed = state === 'starting' || this.#wanted > 0 || this.#record.rooms > 0
    return isUsed ? undefined : this.#askedMs
  }

  async ensure(room: string): Promise<EnsureAnswer> {
    this.#wanted++
    try {
      return await this.#ensure(room)
    } finally {
      this.#wanted--
    }
  }

  async #ensure(room: string): Promise<EnsureAnswer> {
    const ready = await this.ready()
    if (!ready.ok)
      return { ok: false, reason: ready.reason, problem: ready.reason === 'no-build' ? ready.problem : null }
    const { outcome, problem } = await ready.host.ensure(room)
    switch (outcome) {
      case 'ok':
        return { ok: true }
      case 'failed':
        return { ok: false, reason: problem ? 'no-build' : 'unavailable', problem }
      default:
        return { ok: false, reason: outcome, problem }
    }
  }

  closeRoom(room: string): void {
    if (this.#life.state === 'running') this.#life.host.close(room)
  }

  /** Resolves when the process is gone. The next one who asks starts the game again. */
  async stop(): Promise<void> {
    const life = this.#life
    if (life.state === 'stopped') return life.leaving
    const host = life.state === 'backing-off' ? null : life.host
    if (life.state === 'backing-off') clearTimeout(life.timer)
    const leaving = this.#leave(host, life.state === 'starting')
    this.#life = { ...stopped(null), leaving }
    if (life.state === 'backing-off') life.over.resolve()
    const place = this.#place
    this.#place = null // who asks from now on needs another
    await leaving
    place?.leave()
  }

  /** Moves a running game to a new build; see BuildsOptions.adopt. */
  async adopt({ id, dir, manifest }: Candidate): Promise<CodeProblem | null> {
    if (this.#life.state === 'starting') await this.#life.outcome // with the build before this one
    if (this.#life.state === 'running') {
      const outcome = await this.#life.host.load(dir)
      if (outcome.type === 'refused') return outcome.problem
      if (outcome.type === 'gone')
        return { message: `The game server ${outcome.why} while it took over this version. Change it and save again.` }
    }
    this.#record.healed()
    this.#forgive()
    this.#options.reports.build(this.id, id, manifest)
    return null
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true
    clearInterval(this.#idleCheck)
    await this.stop()
    this.#record.close()
  }

  /** As it is now: crashes hold a game for a while only. */
  get #current(): Life {
    const life = this.#life
    if (life.state === 'stopped' && life.hold?.by === 'crashes' && life.hold.untilMs <= Date.now())
      this.#life = { ...life, why: null, hold: null }
    return this.#life
  }

  /** Other code than that which died. */
  #forgive(): void {
    this.#crashes = []
    if (this.#life.state === 'stopped' && this.#life.hold?.by !== 'creator')
      this.#life = { ...this.#life, why: null, hold: null }
  }

  #leavePlace(): void {
    this.#place?.leave()
    this.#place = null
  }

  #start(build: Build): void {
    const life: Life = { state: 'starting', host: null, outcome: Promise.resolve(unavailable('', 0)) }
    this.#life = life
    life.outcome = this.#launch(life, build)
  }

  async #launch(life: Life & { state: 'starting' }, build: Build): Promise<Ready> {
    const { reports, host: how, log } = this.#options
    await this.#place?.free.catch(() => {}) // it says itself what went wrong
    const store = await reports.loadStore(this.id)
    if (this.#life !== life) return this.#overtaken()
    if (!store.ok) return this.#backOff(store.why)
    let host: Host
    try {
      host = await Host.start({
        ...how,
        game: this.id,
        start: { dir: build.dir, store: store.entries, budgets: this.#options.budgets() },
        onRoom: (room) => this.#guard(() => this.#record.open(room)),
        onMessage: (message) => this.#receive(host, message),
      })
    } catch (error) {
      if (this.#life !== life) return this.#overtaken()
      return this.#backOff(`The game server could not be started: ${error instanceof Error ? error.message : error}.`)
    }
    life.host = host
    host.exited.then((why) => this.#exited(host, why))
    if (this.#life !== life) host.kill('was stopped')
    const ready = await host.ready
    if (this.#life !== life) return this.#overtaken()
    if (!ready) return this.#died(host)
    this.#life = { state: 'running', host, sinceMs: Date.now(), players: 0 }
    log.info({ game: this.id, build: build.id, hostPid: host.pid }, 'game running')
    // A build that became the current one in the very moment of the start was tried on nobody.
    const { current } = this.#options.builds
    const outcome = current && current.id !== build.id ? await host.load(current.dir) : null
    if (outcome?.type === 'refused') this.#record.mistake(outcome.problem) // the rooms run the build of the start
    if (outcome?.type === 'gone') return this.#died(host)
    return { ok: true, host }
  }

  /** What to say when a start ended with its host: by then `#exited`, which hears of it first, has done all that there is to do. */
  async #died(host: Host): Promise<Ready> {
    await host.exited
    return this.#overtaken()
  }

  /** What to say when a start was cut short. */
  #overtaken(): Ready {
    const life = this.#life
    if (life.state === 'backing-off') return unavailable(life.why, life.untilMs - Date.now())
    if (life.state === 'stopped' && life.hold) return held(life.hold, life.why)
    return unavailable('The game was stopped while it started.', 0)
  }

  #exited(host: Host, why: string): void {
    const life = this.#life
    const ended = this.#record.endAll(life.state === 'stopped' ? 'stopped' : 'crashed')
    if ((life.state !== 'running' && life.state !== 'starting') || life.host !== host) return
    if (life.state === 'running' && Date.now() - life.sinceMs > HEALTHY_MS) this.#failures = 0
    this.#record.say(null, `The game server ${why}. Rooms that ended with it: ${ended}.`)
    this.#crashed(`The game server ${why}.`)
  }

  /** Backs off, or stops when that has happened too often. Once for each host that died. */
  #crashed(why: string): void {
    const now = Date.now()
    this.#crashes = [...this.#crashes.filter((atMs) => atMs > now - CRASH_MEMORY_MS), now]
    if (this.#crashes.length < MAX_CRASHES) return void this.#backOff(why)
    const minutes = CRASH_MEMORY_MS / 60_000
    const all = `${why} That was the ${this.#crashes.length}th time in ${minutes} minutes, so it is not started again for ${minutes} minutes, unless its files change or its creator starts it.`
    this.#options.log.warn({ game: this.id }, all)
    this.#record.say(null, all)
    this.#crashes = []
    this.#life = stopped(all, { by: 'crashes', untilMs: now + CRASH_MEMORY_MS })
    this.#leavePlace()
  }

  #backOff(why: string): NotNow {
    const delayMs = retryDelayMs(RESTART, ++this.#failures)
    this.#options.log.warn({ game: this.id, failures: this.#failures, delayMs }, why)
    const over = Promise.withResolvers<void>()
    const timer = setTimeout(() => this.#comeBack(), delayMs)
    this.#life = { state: 'backing-off', why, untilMs: Date.now() + delayMs, timer, over }
    return unavailable(why, delayMs)
  }

  #comeBack(): void {
    const life = this.#life
    if (life.state !== 'backing-off') return
    const build = this.#options.builds.current
    if (build && Date.now() - this.#askedMs < IDLE_MS) this.#start(build)
    else {
      this.#life = stopped(life.why)
      this.#leavePlace()
    }
    life.over.resolve()
  }

  async #leave(host: Host | null, starting: boolean): Promise<void> {
    if (starting) host?.kill('was stopped')
    await host?.stop()
  }

  /** What we cannot digest is our mistake and not the host's: it goes on. */
  #guard(take: () => void): void {
    try {
      take()
    } catch (error) {
      this.#options.log.error({ game: this.id, error }, 'what the game said was not taken')
    }
  }

  #receive(host: Host, message: FromHost): void {
    if (message.t !== 'beat') this.#guard(() => this.#record.receive(message))
    else if (this.#life.state === 'running' && this.#life.host === host) this.#life.players = message.players
  }

  #stopIdle(): void {
    if (this.#life.state !== 'running' || this.#record.rooms > 0) return
    if (Date.now() - this.#askedMs > IDLE_MS) void this.stop()
  }
}

const STILL_STARTING = unavailable('The game server is still starting; this machine has very much to do.', PATIENCE_MS)

/** Without a process, and without one that is still leaving. */
function stopped(why: string | null, hold: Hold | null = null): Life & { state: 'stopped' } {
  return { state: 'stopped', why, leaving: Promise.resolve(), hold }
}
