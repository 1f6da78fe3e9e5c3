// A bridge door that writes down what it is told, checked against the same schemas as the real one; it can go away and come back.
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import {
  appendLog,
  oneGame,
  reportBuild,
  reportRoom,
  reportSeat,
  storeEntries,
  storeSet,
} from '@sandlot/shared/contract.ts'
import { close } from '@sandlot/shared/listen.ts'
import { initTRPC, TRPCError } from '@trpc/server'
import { createHTTPHandler } from '@trpc/server/adapters/standalone'
import type { z } from 'zod'

export class BridgeDoor {
  builds: z.infer<typeof reportBuild>[] = []
  rooms: z.infer<typeof reportRoom>[] = []
  seats: z.infer<typeof reportSeat>[] = []
  logs: z.infer<typeof appendLog>[] = []
  store = new Map<string, z.infer<typeof storeEntries>>()
  /** Rooms whose reports it breaks over. */
  readonly indigestible = new Set<string>()
  /** How often it broke. */
  broke = 0
  /** Names it refuses to keep. */
  readonly unkept = new Set<string>()
  /** What games keep is not handed out before this has resolved. */
  storeHeld: Promise<void> = Promise.resolve()
  /** How often it was asked what a game keeps. */
  storeAsked = 0
  readonly keys: string[] = []
  readonly token: string
  #server: Server | undefined
  #port = 0
  #isAway = false

  constructor(token: string) {
    this.token = token
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`
  }

  /** How a room ended, if it did. */
  ended(room: string): string | undefined {
    for (const { room: id, event } of this.rooms) if (id === room && event.type === 'ended') return event.reason
    return undefined
  }

  /** Listens, or is back. */
  async up(): Promise<void> {
    this.#isAway = false
    if (this.#server) return
    this.#server = createServer(
      createHTTPHandler({
        router: this.#router(),
        createContext: ({ req }) => ({ known: req.headers.authorization === `Bearer ${this.token}` }),
      }),
    )
    this.#server.on('connection', (socket) => this.#isAway && socket.destroy())
    await new Promise<void>((resolve) => this.#server!.listen(0, '127.0.0.1', resolve))
    this.#port = (this.#server.address() as AddressInfo).port
  }

  /** Answers nobody until `up`. Its port stays its own: given back, somebody else could have it by then. */
  down(): void {
    this.#isAway = true
    this.#server?.closeAllConnections()
  }

  async close(): Promise<void> {
    if (this.#server) await close(this.#server)
    this.#server = undefined
  }

  #take<T extends { key: string }>(list: T[]) {
    return ({ input }: { input: T }) => {
      const repeated = this.keys.includes(input.key)
      if (!repeated) {
        this.keys.push(input.key)
        list.push(input)
      }
      return { ok: true as const, repeated }
    }
  }

  #router() {
    const t = initTRPC.context<{ known: boolean }>().create({ isDev: false })
    const node = t.procedure.use(({ ctx, next }) => {
      if (!ctx.known) throw new TRPCError({ code: 'UNAUTHORIZED' })
      return next()
    })
    return t.router({
      builds: t.router({ report: node.input(reportBuild).mutation(this.#take(this.builds)) }),
      rooms: t.router({
        report: node.input(reportRoom).mutation(({ input }) => {
          if (!this.indigestible.has(input.room)) return this.#take(this.rooms)({ input })
          this.broke++
          throw new Error('cannot digest this')
        }),
        seat: node.input(reportSeat).mutation(this.#take(this.seats)),
      }),
      store: t.router({
        load: node
          .input(oneGame)
          .output(storeEntries)
          .query(async ({ input }) => {
            this.storeAsked++
            await this.storeHeld
            return this.store.get(input.game) ?? []
          }),
        set: node.input(storeSet).mutation(({ input }) => {
          if (this.unkept.has(input.name)) return { ok: false as const, reason: 'over-quota' as const }
          const entries = (this.store.get(input.game) ?? []).filter(({ name }) => name !== input.name)
          if (input.value !== null) entries.push({ name: input.name, value: input.value })
          this.store.set(input.game, entries)
          return { ok: true as const, repeated: false }
        }),
      }),
      logs: t.router({ append: node.input(appendLog).mutation(this.#take(this.logs)) }),
    })
  }
}
