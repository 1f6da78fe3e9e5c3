// A game without server.js, seen from one player's page: what its code sets and sends goes to the room no faster than the room takes it, and to
// players who are connected directly at once. Of all that comes back the newest state is shown (SPEC, Games without server.js).
import { MAX_STATE_DEPTH, PLAYER_BYTES_PER_SECOND } from '@sandlot/shared/limits.ts'
import type { Json, SeatedPlayer } from '@sandlot/shared/protocol/messages.ts'
import { packInput, packState, readPeerMessage } from '@sandlot/shared/protocol/peer.ts'
import { isDeeper, type RelayView, sizeOf, stateMessages } from '@sandlot/shared/protocol/relay.ts'
import type { StateFeed } from './feed.ts'
import { Paced } from './paced.ts'

const STATES_PER_SECOND = 40 // to the room at most; a player may send 60 messages of all kinds
const DIRECT_GAP_MS = 200 // between two states for the room when everybody has them already: for newcomers and the next host
const INPUTS_PER_SECOND = 30
const BYTES_PER_MS = (PLAYER_BYTES_PER_SECOND * 0.75) / 1000 // what is left is for everything else, and for what we do not count
const MAX_AHEAD = 1_000 // states that a host may have told others and not the room: it would be lost with the host

export interface HostedEvents {
  /** An action for the room; false while there is no connection. */
  act(action: 'state' | 'input', data: Json): boolean
  /** For all who are connected directly. */
  tellPeers(data: Uint8Array<ArrayBuffer>): void
}

const NOTHING: RelayView = { h: '', e: 0, n: 0, s: null }
type Input = [n: number, input: Json]

export class Hosted {
  readonly #me: string
  readonly #feed: StateFeed
  readonly #events: HostedEvents
  readonly #toRoom: Paced
  readonly #toPeers: Paced
  readonly #input: Paced
  /** As the room has it. */
  #room: RelayView = NOTHING
  /** What the game has been shown. */
  #shown: { e: number; n: number } | undefined
  /** As our own code set it last. */
  #own: { n: number; value: Json } | undefined
  #lastN = 0 // of this time as host
  /** What the room has of it, by what was sent. */
  #sent: { e: number; n: number; value: Json } | undefined
  #others: readonly string[] = [] // who is connected to the room
  #open: ReadonlySet<string> = new Set()
  /** Inputs that came directly. */
  readonly #direct = new Map<string, Input>()
  #keys: Input | undefined
  #inputsChanged = false

  /** `rate`: how often a second the room is told of a new state. */
  constructor(me: string, rate: number, feed: StateFeed, events: HostedEvents) {
    this.#me = me
    this.#feed = feed
    this.#events = events
    this.#toRoom = new Paced(Math.min(rate, STATES_PER_SECOND), () => this.#sendState())
    this.#toPeers = new Paced(rate, () => this.#sendDirectly())
    this.#input = new Paced(INPUTS_PER_SECOND, () => this.#sendInput())
  }

  /** Who keeps the state, as of the state that is shown. */
  get host(): string | null {
    return this.#room.h === '' ? null : this.#room.h
  }
  get #isHost(): boolean {
    return this.#room.h === this.#me
  }

  /** The whole view, after connecting. */
  full(view: Json): void {
    this.#seen(view as unknown as RelayView)
    this.#again() // what was on its way when a connection broke may be lost
    if (this.#keys) this.#input.want()
  }

  /** The whole view, which has changed. */
  delta(view: Json): void {
    this.#seen(view as unknown as RelayView)
  }

  #seen(view: RelayView): void {
    const { e } = this.#room
    const known = this.#shown
    this.#room = { ...view }
    if (view.i !== undefined) this.#inputsChanged = true
    if (view.e !== e) this.#lastN = 0
    if (this.#isHost && this.#own) {
      if (view.e !== e) this.#again() // host once more: this state is the one that counts
      return
    }
    this.#own = undefined
    if (known?.e === view.e && known.n >= view.n) return
    this.#shown = { e: view.e, n: view.n }
    // A new host has set nothing yet: what the room has is not newer than what the last one told directly.
    if (!known || view.n > 0) this.#feed.full(structuredClone(view.s))
  }

  /** The room has not taken a state: it is sent all of it. */
  refused(): void {
    this.#again()
  }
  #again(): void {
    this.#sent = undefined
    if (!this.#own) return
    this.#own.n = this.#next()
    this.#toRoom.want()
  }
  #next(): number {
    this.#lastN = Math.max(this.#lastN, this.#room.n) + 1
    return this.#lastN
  }

  /** The game's code set the state; why it is not sent, if so. */
  set(value: Json): string | undefined {
    if (!this.#isHost) return undefined // the code will hear so with its next frame
    if (this.#feed.shows) return 'the page shows another state than the room’s (STATE_UPDATE)'
    if (isDeeper(value, MAX_STATE_DEPTH - 2)) return `the state is nested more than ${MAX_STATE_DEPTH - 2} deep`
    this.#own = { n: this.#next(), value }
    this.#feed.keep(value)
    if (this.#open.size > 0) this.#toPeers.want()
    this.#toRoom.want()
    return undefined
  }

  send(input: Json): void {
    const n = Math.max(Date.now(), (this.#keys?.[0] ?? 0) + 1) // grows over a reload of the page too
    this.#keys = [n, input]
    this.#input.want()
  }

  /** Who has a seat now. */
  players(players: readonly SeatedPlayer[]): void {
    this.#others = players.filter(({ id, connected }) => connected && id !== this.#me).map(({ id }) => id)
    for (const id of this.#direct.keys()) if (!players.some((player) => player.id === id)) this.#direct.delete(id)
  }
  /** Who is connected directly now. */
  peers(open: readonly string[]): void {
    const isNew = open.some((id) => !this.#open.has(id))
    this.#open = new Set(open)
    if (!isNew) return
    if (this.#own) this.#toPeers.want()
    if (this.#keys) this.#input.want()
  }

  /** Something came directly from another player. */
  heard(from: string, bytes: Uint8Array<ArrayBuffer>): void {
    const isFromHost = from === this.#room.h
    if (this.#isHost === isFromHost) return // the host hears all others, and they only the host
    const message = readPeerMessage(bytes)
    if (message?.kind === 'input' && this.#isHost && this.#others.includes(from)) {
      if (message.n <= (this.#direct.get(from)?.[0] ?? -1)) return
      this.#direct.set(from, [message.n, message.input])
      this.#inputsChanged = true
    } else if (message?.kind === 'state' && isFromHost) {
      const { e, n, value } = message
      const isNewer = e === this.#room.e && n > (this.#shown?.e === e ? this.#shown.n : 0)
      if (!isNewer || n > this.#room.n + MAX_AHEAD) return
      this.#shown = { e, n }
      this.#feed.full(value)
    }
  }

  /** What the others sent, when that has changed since the last call. */
  takeInputs(): Record<string, Json> | undefined {
    if (!this.#inputsChanged) return undefined
    this.#inputsChanged = false
    const newest = new Map<string, Input>(Object.entries(this.#room.i ?? {}))
    for (const [id, input] of this.#direct) if (input[0] > (newest.get(id)?.[0] ?? -1)) newest.set(id, input)
    return Object.fromEntries([...newest].map(([id, [, input]]) => [id, input]))
  }
  /** The next `takeInputs` gives them. */
  resend(): void {
    this.#inputsChanged = true
  }

  /** Milliseconds until the next may be sent. */
  #sendState(): number {
    if (!this.#own || !this.#isHost) return 0
    const { e } = this.#room
    const { n, value } = this.#own
    const messages = stateMessages(this.#sent?.e === e ? this.#sent : undefined, value, { e, n })
    if (messages.length === 0) return 0
    let bytes = 0
    for (const message of messages) {
      if (!this.#events.act('state', message as unknown as Json)) return 0 // `full` comes when there is a connection
      bytes += sizeOf(message)
    }
    this.#sent = { e, n, value }
    const allDirect = this.#others.length > 0 && this.#others.every((id) => this.#open.has(id))
    return Math.max(bytes / BYTES_PER_MS, allDirect ? DIRECT_GAP_MS : 0)
  }

  #sendDirectly(): number {
    if (!this.#own || !this.#isHost) return 0
    const bytes = packState(this.#room.e, this.#own.n, this.#own.value)
    if (bytes) this.#events.tellPeers(bytes)
    return 0
  }

  #sendInput(): number {
    if (this.#isHost || !this.#keys) return 0
    const [n, input] = this.#keys
    if (this.#open.size > 0) this.#events.tellPeers(packInput(n, input))
    this.#events.act('input', { n, k: input })
    return 0
  }

  stop(): void {
    this.#toRoom.stop()
    this.#toPeers.stop()
    this.#input.stop()
  }
}
