// A game with its doors: rooms, HTTP and websockets on one listening socket. What concerns others goes to `events`.
import { rmSync } from 'node:fs'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Budgets, DEFAULT_BUDGETS, type Usage } from '@sandlot/shared/budgets.ts'
import type { CodeProblem, Json } from '@sandlot/shared/protocol/messages.ts'
import type { EndReason } from '@sandlot/shared/reasons.ts'
import type { Build } from './build.ts'
import { Game, type GameSink } from './game.ts'
import { httpServer } from './http.ts'
import type { Listen } from './options.ts'
import { type Admit, Sockets } from './socket.ts'
import type { Traffic } from './traffic.ts'
import { Usages } from './usage.ts'
import { startWatchdog } from './watchdog.ts'

/** What happens in a game that its creator or supervisor wants to know. */
export interface HostEvents {
  beat(): void
  seat(room: string, player: string, event: 'joined' | 'left'): void
  ended(room: string, reason: EndReason, result: Json): void
  log(room: string | null, text: string): void
  problem(problem: CodeProblem | null): void
  store(name: string, value: Json): void
  usage(usage: Usage): void
}

export interface HostOptions {
  listen: Listen
  site: string | undefined
  admit: Admit | undefined
  events: HostEvents
}

export class Host {
  #options: HostOptions
  #game: Game | undefined
  #server: Server
  #sockets: Sockets

  /** Throws when the browser runtime has not been built. */
  constructor(options: HostOptions) {
    this.#options = options
    const game = () => this.#game
    const behindProxy = 'path' in options.listen // only our own front door reaches a unix socket
    this.#sockets = new Sockets({ game, behindProxy, admit: options.admit })
    const { site } = options
    const budgets = () => this.#sockets.budgets
    this.#server = httpServer({ game, behindProxy, site, budgets, refused: () => this.#sockets.countRefused() })
    this.#sockets.attach(this.#server)
  }

  get game(): Game | undefined {
    return this.#game
  }

  /** What the players of a room sent and what was left out, closed and refused; without a room, of all together. */
  traffic(room?: string): Readonly<Traffic> {
    return room === undefined ? this.#sockets.total : this.#sockets.traffic(room)
  }

  /** Opens the door; the address it got. Rejects with the error of `listen` (EADDRINUSE, EACCES, …). */
  listen(): Promise<AddressInfo | string> {
    const { listen } = this.#options
    if ('path' in listen) rmSync(listen.path, { force: true }) // left by a host that was killed
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject)
      this.#server.listen(listen, () => {
        this.#server.off('error', reject)
        resolve(this.#server.address()!)
      })
    })
  }

  /** Runs `build`: the first call starts the game, later ones move its rooms. The problem, and the build before runs on, if it cannot. */
  load(build: Build, store: [string, Json][] = [], budgets: Budgets = DEFAULT_BUDGETS): CodeProblem | null {
    if (this.#game) return this.#game.load(build)
    const { events } = this.#options
    const sockets = this.#sockets
    const beat = startWatchdog(budgets.memoryMiB) // from now on there is a frame loop to watch
    const sink: GameSink = {
      ...events,
      send: (_room, player, data) => sockets.send(player, data),
      close: (_room, player, reason) => sockets.close(player, reason),
      seat: (room, player, event) => {
        if (event === 'left') sockets.forget(player)
        events.seat(room, player, event)
      },
      beat: () => {
        beat()
        events.beat()
      },
    }
    const usages = new Usages(budgets)
    sockets.measure(usages)
    this.#game = new Game(build, new Map(store), sink, usages)
    return null
  }

  /** Tells the players to come back in a moment, frees all rooms, closes the door. */
  async stop(): Promise<void> {
    this.#sockets.stop()
    this.#game?.stop()
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
    if ('path' in this.#options.listen) rmSync(this.#options.listen.path, { force: true })
  }
}
