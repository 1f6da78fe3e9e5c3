// One room on a real isolate, driven without socket, timer or clock; what it says is kept for the test to look at.
import { type Budgets, DEFAULT_BUDGETS } from '@sandlot/shared/budgets.ts'
import { ServerDecoder } from '@sandlot/shared/protocol/decoder.ts'
import type { CodeProblem, Json, ServerMessage } from '@sandlot/shared/protocol/messages.ts'
import { afterEach, expect } from 'vitest'
import type { Build } from '../host/build.ts'
import { Isolates } from '../host/isolates.ts'
import { Room } from '../host/room.ts'
import { Usages } from '../host/usage.ts'
import { buildOf, type Files } from './folder.ts'

const rooms: Room[] = []
afterEach(() => {
  for (const room of rooms.splice(0)) room.dispose()
})

export class TestRoom {
  room: Room
  nowMs = 1_000_000
  #decoders = new Map<string, ServerDecoder>()
  sent = new Map<string, ServerMessage[]>()
  closed = new Map<string, string>()
  logs: string[] = []
  problems: (CodeProblem | null)[] = []
  seats: string[] = []
  stored: [string, Json][] = []
  ended: { reason: string; result: Json } | undefined

  usages: Usages

  constructor(
    build: Build,
    store = new Map<string, Json>(),
    seed = [1, 2, 3, 4],
    budgets: Partial<Budgets> = {},
    isolates = new Isolates(),
  ) {
    this.usages = new Usages({ ...DEFAULT_BUDGETS, ...budgets })
    this.room = new Room({
      id: 'r0000000000000000001',
      build,
      seed,
      nowMs: this.nowMs,
      store,
      usages: this.usages,
      isolates,
      sink: {
        send: (player, data) => this.#hear(player, data),
        close: (player, reason) => this.closed.set(player, reason),
        seat: (player, event) => this.seats.push(`${player} ${event}`),
        log: (text) => this.logs.push(text),
        beat: () => {},
        maySeat: () => true,
        problem: (problem) => this.problems.push(problem),
        store: (name, value) => this.stored.push([name, value]),
        ended: (reason, result) => {
          this.ended = { reason, result }
        },
      },
    })
    rooms.push(this.room)
  }

  #hear(player: string, data: string | Buffer): void {
    const decoder = this.#decoders.get(player) ?? new ServerDecoder({ tellsPatches: true })
    this.#decoders.set(player, decoder)
    const message = decoder.decode(data)
    if (!message) throw new Error('the room sent a state that cannot be read')
    if (message.t === 'full') message.s = structuredClone(message.s) // deltas change the decoder's
    this.sent.set(player, [...(this.sent.get(player) ?? []), message])
  }

  join(id: string, name = id): void {
    expect(this.room.sit({ id, name }, this.nowMs)).toBe(true)
    this.room.connect(id)
  }
  /** Lets `ms` of the room's time pass. */
  pass(ms: number): void {
    const endMs = this.nowMs + ms
    for (;;) {
      const dueMs = Math.max(this.room.dueMs(), this.nowMs)
      if (dueMs > endMs) break
      this.nowMs = dueMs
      this.room.step(this.nowMs)
    }
    this.nowMs = endMs
  }
  messages<T extends ServerMessage['t']>(id: string, type: T): Extract<ServerMessage, { t: T }>[] {
    return (this.sent.get(id) ?? []).filter(
      (message): message is Extract<ServerMessage, { t: T }> => message.t === type,
    )
  }
  /** A copy of the state as the player's messages make it. */
  state(id: string): Json {
    const last = this.sent.get(id)?.findLast((message) => message.t === 'full' || message.t === 'delta')
    return last === undefined ? null : structuredClone(last.s)
  }
}

/** A small game to change and add to. */
export const COUNTER = `
export const setup = () => ({ count: 0, names: {} })
export const join = (state, player) => { state.names[player.id] = player.name }
export const leave = (state, player) => { delete state.names[player.id] }
export const actions = {
  add(state, player, n) { state.count += n; if (n > 100) throw new Error('too much') },
}
`
export const withServer = (server: string, more: Files = {}) => buildOf({ 'server.js': server, ...more })
