// One game host process as its supervisor sees it: started, connected, listened to for signs of life, and gone in the end.
import { createHash } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { STALL_MS } from '@sandlot/shared/limits.ts'
import type { CodeProblem } from '@sandlot/shared/protocol/messages.ts'
import type { FromHost, ToHost } from '../host/link.ts'
import { Link } from './link.ts'
import { withinMs } from './patience.ts'
import { inWords, type Launcher, type Running } from './process.ts'

export interface Patience {
  /** From the start of the process until it takes players: half a second, on a machine with time to spare. */
  startMs: number
  /** Of who asks for a room and hears then that there is none yet; the host may make it all the same. */
  askMs: number
  /** For a room or for taking over a build: each part of that has a limit of its own, and the host's beats tell that it goes on. */
  answerMs: number
  /** To say goodbye to the players. */
  stopMs: number
}
const PATIENCE: Readonly<Patience> = Object.freeze({
  startMs: 30_000,
  askMs: 8_000, // below DOOR_TIMEOUT_MS, so that the website hears why
  answerMs: 30_000,
  stopMs: 3_000,
})
const SILENT_MS = STALL_MS + 250 // its own watchdog, which knows more of the reason, comes first
const MAX_STARVED = 2 // times SILENT_MS, however busy the machine is
const PULSE_CHECK_MS = 250

type Ensured = Extract<FromHost, { t: 'ensured' }>
export type EnsureOutcome = Pick<Ensured, 'outcome' | 'problem'>
/** `gone`: the host died over it. */
export type LoadOutcome =
  | { type: 'running' }
  | { type: 'refused'; problem: CodeProblem }
  | { type: 'gone'; why: string }

export interface HostOptions {
  launcher: Launcher
  game: string
  /** Folder for the sockets. */
  run: string
  ticketKey: string
  site: string
  patience?: Partial<Patience>
  start: Omit<Extract<ToHost, { t: 'start' }>, 't' | 'game'>
  /** A room that was asked for is there; called before anything that the host says about it. */
  onRoom(room: string): void
  /** Everything that is not an answer: ended rooms, seats, logs, problems, the store. */
  onMessage(message: FromHost): void
}

/** Unix socket paths are short, names of games need not be. */
export function socketPaths(run: string, game: string): { play: string; link: string } {
  const name = join(run, createHash('sha256').update(game).digest('hex').slice(0, 12))
  return { play: `${name}.play`, link: `${name}.link` }
}

export class Host {
  /** Unix socket that takes players once `ready` has resolved. */
  readonly playSocket: string
  /** True when it takes players, false when it died first. */
  readonly ready: Promise<boolean>
  /** Resolves with the reason, in words, when the process is gone. */
  readonly exited: Promise<string>

  #link: Link
  #patience: Readonly<Patience>
  #process: Running
  #gone = false
  #maxMiB: number
  #why: string | null = null // ours, when we killed it
  #lastBeat = 0
  #waitedMs = 0 // for a processor, until its last beat
  #pulse: NodeJS.Timeout | undefined
  #deadline: NodeJS.Timeout
  #becomeReady: (ready: boolean) => void
  #loads: ((outcome: LoadOutcome) => void)[] = []
  #ensures = new Map<number, { room: string; answer(outcome: EnsureOutcome): void }>()
  #nextId = 1
  #events: Pick<HostOptions, 'onRoom' | 'onMessage'>

  /** Launches the process. Throws only when the link's socket cannot be made. */
  static async start(options: HostOptions): Promise<Host> {
    const { launcher, game, run, ticketKey, site } = options
    const paths = launcher.sockets?.(game) ?? socketPaths(run, game)
    if (!launcher.sockets) await rm(paths.play, { force: true }) // left by a host that was killed
    const events = {
      onConnect: () => link.send({ t: 'start', game, ...options.start }),
      onMessage: (message: FromHost) => host.#receive(message),
      onNonsense: (why: string) => host.kill(why),
    }
    const link = await Link.listen(paths.link, events, launcher.sockets ? 0o666 : 0o600)
    const running = launcher.start({ game, listen: paths.play, supervisor: paths.link, ticketKey, site })
    const host = new Host(paths.play, link, running, options)
    return host
  }

  private constructor(
    playSocket: string,
    link: Link,
    process: Running,
    options: Pick<HostOptions, 'onRoom' | 'onMessage' | 'start' | 'patience'>,
  ) {
    this.playSocket = playSocket
    this.#link = link
    this.#process = process
    this.#events = options
    this.#maxMiB = options.start.budgets.memoryMiB
    this.#patience = { ...PATIENCE, ...options.patience }
    const { startMs } = this.#patience
    const ready = Promise.withResolvers<boolean>()
    this.#becomeReady = ready.resolve
    this.ready = ready.promise
    this.#deadline = setTimeout(() => this.kill(`was not ready after ${startMs / 1000} s`), startMs)
    this.exited = process.exited.then((reason) => this.#end(this.#why ?? inWords(reason)))
  }

  /** For the log and whoever reads it. */
  get pid(): number | undefined {
    return this.#process.pid
  }

  /** The rooms move to the build in `dir`, or the host says why not and keeps the old one. */
  load(dir: string): Promise<LoadOutcome> {
    return this.#ask<LoadOutcome>(
      (answer) => this.#loads.push(answer),
      { type: 'gone', why: 'is not running' },
      () => ({ t: 'load', dir }),
    )
  }

  ensure(room: string): Promise<EnsureOutcome> {
    const id = this.#nextId++
    const none: EnsureOutcome = { outcome: 'failed', problem: null }
    const asked = this.#ask<EnsureOutcome>(
      (answer) => this.#ensures.set(id, { room, answer }),
      none,
      () => ({ t: 'ensure', id, room }),
    )
    return withinMs(this.#patience.askMs, asked, none)
  }

  close(room: string): void {
    this.#link.send({ t: 'close', room })
  }

  /** Lets the host say goodbye, then makes sure. Resolves when the process is gone. */
  async stop(): Promise<void> {
    if (!this.#gone) {
      this.#why ??= 'was stopped'
      this.#link.send({ t: 'stop' })
      const last = setTimeout(() => this.#process.kill('SIGKILL'), this.#patience.stopMs)
      await this.exited
      clearTimeout(last)
    }
    await this.exited
  }

  /** At once. `why` is what a creator reads. */
  kill(why: string): void {
    this.#why ??= why
    this.#process.kill('SIGKILL')
  }

  #ask<T>(register: (answer: (outcome: T) => void) => void, gone: T, message: () => ToHost): Promise<T> {
    if (this.#gone) return Promise.resolve(gone)
    const { answerMs } = this.#patience
    return new Promise((resolve) => {
      const late = setTimeout(() => this.kill(`gave no answer for ${answerMs / 1000} s`), answerMs)
      register((outcome) => {
        clearTimeout(late)
        resolve(outcome)
      })
      this.#link.send(message())
    })
  }

  #receive(message: FromHost): void {
    if (message.t === 'beat') this.#beat()
    switch (message.t) {
      case 'ready':
        this.#beat()
        clearTimeout(this.#deadline)
        this.#watchPulse()
        this.#becomeReady(true)
        return
      case 'loaded': {
        const { problem } = message
        this.#loads.shift()?.(problem ? { type: 'refused', problem } : { type: 'running' })
        return
      }
      case 'ensured': {
        const { id, outcome, problem } = message
        const asked = this.#ensures.get(id)
        if (!asked) return
        this.#ensures.delete(id)
        if (outcome === 'ok') this.#events.onRoom(asked.room)
        asked.answer({ outcome, problem })
        return
      }
      default:
        this.#events.onMessage(message)
    }
  }

  #beat(): void {
    this.#lastBeat = performance.now()
    this.#waitedMs = this.#process.waitedMs()
  }

  /**
   * Its frame loop beats each second. When our own process was held up, the beats are waiting to be read: look again later.
   * The time that it waited for a processor is not silence: it may have had no chance to say anything.
   */
  #watchPulse(): void {
    let looked = performance.now()
    this.#pulse = setInterval(() => {
      const now = performance.now()
      const memoryMiB = this.#process.memoryMiB()
      if (memoryMiB !== null && memoryMiB > this.#maxMiB)
        return this.kill(`was ended: it used more than ${this.#maxMiB} MiB of memory`)
      if (now - looked > 2 * PULSE_CHECK_MS) this.#lastBeat = now
      looked = now
      const silentMs = now - this.#lastBeat
      const ownMs = silentMs - (this.#process.waitedMs() - this.#waitedMs)
      if (ownMs > SILENT_MS || silentMs > MAX_STARVED * SILENT_MS)
        this.kill(`was ended: it fell silent for ${SILENT_MS / 1000} s (an endless loop?)`)
    }, PULSE_CHECK_MS)
  }

  #end(why: string): string {
    this.#gone = true
    clearTimeout(this.#deadline)
    clearInterval(this.#pulse)
    this.#link.close()
    this.#becomeReady(false)
    for (const answer of this.#loads.splice(0)) answer({ type: 'gone', why })
    for (const { answer } of this.#ensures.values()) answer({ outcome: 'failed', problem: null })
    this.#ensures.clear()
    return why
  }
}
