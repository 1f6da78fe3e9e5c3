// A game host as the real supervisor runs it: its launcher, its link, its watch; and rooms with one player each.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Budgets, DEFAULT_BUDGETS } from '@sandlot/shared/budgets.ts'
import type { Json } from '@sandlot/shared/protocol/messages.ts'
import { newPlayerId, newRoomId } from '@sandlot/shared/random-ids.ts'
import { newTicketKeys, readSigningKey, signTicket } from '@sandlot/shared/ticket.ts'
import { pino } from 'pino'
import type { FromHost } from '../host/link.ts'
import { type EnsureOutcome, Host, type LoadOutcome } from '../supervisor/host.ts'
import { childLauncher, type ExitReason, type Running } from '../supervisor/process.ts'
import { temporaryFolder } from './folder.ts'
import { TestPlayer } from './host.ts'

const GAME = 'tested'
const TICKS_PER_SECOND = 100 // of /proc/PID/stat; the kernel has shown no other value to programs for decades

export type Store = { name: string; value: Json }[]
/** One player in a room of its own. */
export interface Seat {
  room: string
  player: TestPlayer
}

let keys: ReturnType<typeof newTicketKeys> | undefined

export class HostedGame {
  /** All that the host said other than answers. */
  readonly said: FromHost[] = []
  /** How the process ended, as its supervisor puts it in words. */
  readonly exited: Promise<string>
  readonly process: Running
  #host: Host
  #privatePem: string
  #folder: ReturnType<typeof temporaryFolder>
  #ended = false

  private constructor(
    host: Host,
    process: Running,
    privatePem: string,
    folder: ReturnType<typeof temporaryFolder>,
    said: FromHost[],
  ) {
    this.#host = host
    this.process = process
    this.#privatePem = privatePem
    this.#folder = folder
    this.said = said
    this.exited = host.exited.then((why) => {
      this.#ended = true
      return why
    })
  }

  /** Starts the build in `dir` and waits until it takes players. `site` may embed its page. */
  static async start(
    dir: string,
    budgets: Partial<Budgets> = {},
    store: Store = [],
    site = 'http://localhost:4000',
  ): Promise<HostedGame> {
    keys ??= newTicketKeys()
    const { publicPem, privatePem } = await keys
    const folder = temporaryFolder()
    const ticketKey = join(folder.path, 'ticket.pem')
    writeFileSync(ticketKey, publicPem)
    const run = join(folder.path, 'run')
    mkdirSync(run)
    const launcher = childLauncher(pino({ level: 'silent' }))
    let process: Running | undefined
    const said: FromHost[] = []
    const host = await Host.start({
      launcher: { start: (spec) => (process = launcher.start(spec)) },
      game: GAME,
      run,
      ticketKey,
      site,
      start: { dir, store, budgets: { ...DEFAULT_BUDGETS, ...budgets } },
      onRoom: () => {},
      onMessage: (message) => said.push(message),
    })
    const game = new HostedGame(host, process!, privatePem, folder, said)
    if (!(await host.ready)) {
      folder[Symbol.dispose]()
      throw new Error(`the host was not ready: it ${await host.exited}`)
    }
    return game
  }

  get ended(): boolean {
    return this.#ended
  }
  get pid(): number {
    return this.process.pid!
  }

  ensure(room: string): Promise<EnsureOutcome> {
    return this.#host.ensure(room)
  }
  load(dir: string): Promise<LoadOutcome> {
    return this.#host.load(dir)
  }

  /** Where its players connect. */
  get playSocket(): string {
    return this.#host.playSocket
  }

  /** A ticket of a new player for `room`, which is made unless it is there. Throws when it cannot be. */
  async ticket(room = newRoomId()): Promise<string> {
    const { outcome, problem } = await this.ensure(room)
    if (outcome !== 'ok') throw new Error(`no room: ${outcome} ${problem?.message}`)
    const seat = { game: GAME, room, player: newPlayerId(), name: 'Ada' }
    return signTicket(await readSigningKey(this.#privatePem), seat)
  }

  /** A new player in `room`, which is made unless it is there. Throws when it cannot be. */
  async sit(room = newRoomId()): Promise<Seat> {
    const ticket = await this.ticket(room)
    return { room, player: await TestPlayer.join(`ws+unix:${this.playSocket}:`, { ticket }) }
  }

  /** What the host said of one type. */
  all<T extends FromHost['t']>(type: T): Extract<FromHost, { t: T }>[] {
    return this.said.filter((message): message is Extract<FromHost, { t: T }> => message.t === type)
  }

  /** CPU time it has used since its start, in milliseconds. */
  cpuMs(): number {
    const fields = readFileSync(`/proc/${this.pid}/stat`, 'utf8').split(') ')[1]!.split(' ')
    return ((Number(fields[11]) + Number(fields[12])) * 1000) / TICKS_PER_SECOND
  }
  memoryMiB(): number {
    return this.process.memoryMiB() ?? 0
  }
  /** Files, sockets and pipes it has open. */
  openFiles(): number {
    return readdirSync(`/proc/${this.pid}/fd`).length
  }

  /** Files left in the folder where its sockets were. */
  leftovers(): string[] {
    return readdirSync(join(this.#folder.path, 'run'))
  }

  /** Asks it to stop; how the process ended. */
  async stop(): Promise<ExitReason> {
    await this.#host.stop()
    return this.process.exited
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#host.kill('was stopped')
    await this.exited
    this.#folder[Symbol.dispose]()
  }
}
