// A game without server.js, seen from one player's page: what its code sets and sends goes to the room no faster than the room takes it, and
// of what comes back the newest state is shown (SPEC, Games without server.js).
import { MAX_STATE_DEPTH, PLAYER_BYTES_PER_SECOND } from '@sandlot/shared/limits.ts'
import { applyPatch } from '@sandlot/shared/protocol/delta.ts'
import type { Json, Patch } from '@sandlot/shared/protocol/messages.ts'
import { isDeeper, type RelayView, sizeOf, stateMessages } from '@sandlot/shared/protocol/relay.ts'
import type { StateFeed } from './feed.ts'
import { Paced } from './paced.ts'

const STATES_PER_SECOND = 40 // to the room at most; a player may send 60 messages of all kinds
const INPUTS_PER_SECOND = 30
const BYTES_PER_MS = (PLAYER_BYTES_PER_SECOND * 0.75) / 1000 // what is left is for everything else, and for what we do not count

export interface HostedEvents {
  /** An action for the room; false while there is no connection. */
  act(action: 'state' | 'input', data: Json): boolean
}

const NOTHING: RelayView = { h: '', e: 0, n: 0, s: null }

export class Hosted {
  readonly #me: string
  readonly #feed: StateFeed
  readonly #events: HostedEvents
  readonly #state: Paced
  readonly #input: Paced
  /** As the room has it. */
  #room: RelayView = NOTHING
  /** As our own code set it last. */
  #own: { value: Json } | undefined
  /** What the room has of it, by what was sent. */
  #sent: { e: number; n: number; value: Json } | undefined
  #lastN = 0 // of this time as host
  #keys: Json = null
  #inputAt = 0
  #inputsChanged = false

  /** `rate`: how often a second the room is told of a new state. */
  constructor(me: string, rate: number, feed: StateFeed, events: HostedEvents) {
    this.#me = me
    this.#feed = feed
    this.#events = events
    this.#state = new Paced(Math.min(rate, STATES_PER_SECOND), () => this.#sendState())
    this.#input = new Paced(INPUTS_PER_SECOND, () => this.#sendInput())
  }

  /** Who keeps the state, as of the state that is shown. */
  get host(): string | null {
    return this.#room.h === '' ? null : this.#room.h
  }
  get #isHost(): boolean {
    return this.#room.h === this.#me
  }

  /** The whole view, after connecting. Throws StateError. */
  full(view: Json): void {
    this.#sent = undefined // what was on its way when a connection broke may be lost
    this.#seen(view as unknown as RelayView)
    if (this.#own) this.#state.want()
    if (!this.#isHost && this.#keys !== null) this.#input.want()
  }

  /** Throws StateError when the patch does not fit. */
  delta(patch: Patch): void {
    this.#seen(applyPatch(this.#room as unknown as Json, structuredClone(patch)) as unknown as RelayView)
  }

  #seen(view: RelayView): void {
    const { e } = this.#room
    this.#room = { ...view }
    if (view.e !== e) this.#lastN = 0
    if (view.i !== undefined) this.#inputsChanged = true
    if (this.#isHost && this.#own) {
      if (view.e !== e) this.#again() // host once more: this state is the one that counts
    } else {
      this.#own = undefined
      this.#feed.full(structuredClone(view.s))
    }
  }

  /** The room has not taken a state: it is sent all of it. */
  refused(): void {
    this.#again()
  }
  #again(): void {
    this.#sent = undefined
    if (this.#own) this.#state.want()
  }

  /** The game's code set the state; why it is not sent, if so. */
  set(value: Json): string | undefined {
    if (!this.#isHost) return undefined // the code will hear so with its next frame
    if (this.#feed.shows) return 'a replay is shown, and its state is not the room’s'
    if (isDeeper(value, MAX_STATE_DEPTH - 2)) return `the state is nested more than ${MAX_STATE_DEPTH - 2} deep`
    this.#own = { value }
    this.#feed.keep(value)
    this.#state.want()
    return undefined
  }

  send(input: Json): void {
    this.#keys = input
    this.#input.want()
  }

  /** What the others sent, when that has changed since the last call. */
  takeInputs(): Record<string, Json> | undefined {
    if (!this.#inputsChanged) return undefined
    this.#inputsChanged = false
    const inputs: Record<string, Json> = {}
    for (const [id, [, input]] of Object.entries(this.#room.i ?? {})) inputs[id] = input
    return inputs
  }
  /** The next `takeInputs` gives them. */
  resend(): void {
    this.#inputsChanged = true
  }

  /** Milliseconds until the next may be sent. */
  #sendState(): number {
    if (!this.#own || !this.#isHost) return 0
    const { e } = this.#room
    const last = this.#sent?.e === e ? this.#sent : undefined
    const n = Math.max(this.#lastN, this.#room.n) + 1
    const messages = stateMessages(last, this.#own.value, { e, n })
    if (messages.length === 0) return 0
    let bytes = 0
    for (const message of messages) {
      if (!this.#events.act('state', message as unknown as Json)) return 0 // `full` comes when there is a connection
      bytes += sizeOf(message)
    }
    this.#sent = { e, n, value: this.#own.value }
    this.#lastN = n
    return bytes / BYTES_PER_MS
  }

  #sendInput(): number {
    if (this.#isHost) return 0
    this.#inputAt = Math.max(Date.now(), this.#inputAt + 1) // grows over a reload of the page too
    this.#events.act('input', { n: this.#inputAt, k: this.#keys })
    return 0
  }

  stop(): void {
    this.#state.stop()
    this.#input.stop()
  }
}
