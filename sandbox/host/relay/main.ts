// The rules of a game without server.js: its host keeps the state, the room keeps a copy for newcomers and for the next host. Our own code, but
// it runs in an isolate like any creator's server.js, under the same budgets. What players send is hostile (SPEC, Games without server.js).
import { MAX_HOST_STATE_CHARS, MAX_INPUT_CHARS } from '@sandlot/shared/limits.ts'
import { applyPatch } from '@sandlot/shared/protocol/delta.ts'
import type { Json, Patch, Player } from '@sandlot/shared/protocol/messages.ts'
import { MAX_STATE_PARTS, type RelayView, type StateMessage } from '@sandlot/shared/protocol/relay.ts'

interface Relay {
  host: string
  term: number
  n: number
  state: Json
  /** What each player sent last, and that player's own number of it. */
  inputs: Record<string, [n: number, input: Json]>
}

const MAX_GROWTH = 2 // the host's own count of characters may differ a little from ours

export const setup = (): Relay => ({ host: '', term: 0, n: 0, state: null, inputs: {} })

/** A state that somebody else's server.js has left is kept: the host finds it. */
export function migrate(old: unknown): Relay {
  const { host, term, n, inputs } = old as Partial<Relay>
  const ours = typeof host === 'string' && typeof term === 'number' && typeof n === 'number' && inputs !== undefined
  return ours ? (old as Relay) : { ...setup(), state: old as Json }
}

export function host(relay: Relay, { id }: Player): void {
  if (relay.host === id) return // the room goes on from what was saved
  relay.host = id
  relay.term++
  relay.n = 0
  notesOf(relay).parts = []
}

export function leave(relay: Relay, { id }: Player): void {
  delete relay.inputs[id]
}

interface Notes {
  /** Of a state that is too long for one message, as they come. */
  parts: string[]
  seen: RelayView | undefined
}
const notes = new WeakMap<Relay, Notes>() // by the room's state: rooms share this code
function notesOf(relay: Relay): Notes {
  const known = notes.get(relay)
  if (known) return known
  const made: Notes = { parts: [], seen: undefined }
  notes.set(relay, made)
  return made
}

export const actions = {
  /** The host's state, or how it changed. What does not follow on the last one is refused, and the host sends the whole state anew. */
  state(relay: Relay, { id }: Player, message: StateMessage) {
    if (id !== relay.host) throw new Error('only the host can set the state')
    if (message.e !== relay.term) throw new Error('the state is of an earlier time as host')
    const change = 'x' in message ? joined(message, notesOf(relay)) : message
    if (change === undefined) return
    if (!Number.isSafeInteger(change.n) || change.n <= relay.n) throw new Error('the state is not newer than the last')
    if (typeof change.p !== 'object' || change.p === null) throw new Error('the state has no change')
    if (change.b !== null && change.b !== relay.n) throw new Error('the change is of another state')
    relay.state = applyPatch(relay.state, change.p)
    relay.n = change.n
  },
  /** What a player wants of the host. */
  input(relay: Relay, { id }: Player, { n, k }: { n: number; k: Json }) {
    if (!Number.isSafeInteger(n) || n < 0) throw new Error('an input has a number')
    if (JSON.stringify(k).length > MAX_INPUT_CHARS)
      throw new Error(`an input has at most ${MAX_INPUT_CHARS} characters of JSON`)
    relay.inputs[id] = [n, k]
  },
}

/** The whole message, once its last part is here. */
function joined({ i, of, x }: Extract<StateMessage, { x: string }>, notes: Notes) {
  const inOrder =
    Number.isInteger(of) && of <= MAX_STATE_PARTS && i === notes.parts.length && i < of && typeof x === 'string'
  if (!inOrder) {
    notes.parts = []
    throw new Error('a part of the state is missing')
  }
  notes.parts.push(x)
  if (notes.parts.length < of) return undefined
  const text = notes.parts.join('')
  notes.parts = []
  if (text.length > MAX_GROWTH * MAX_HOST_STATE_CHARS) throw new Error('the state is too large')
  return JSON.parse(text) as { n: number; b: number | null; p: Patch }
}

/** All but the host see the same, and get the very same object: it is compared and packed once. */
export function view(relay: Relay, { id }: Player): RelayView {
  const { host, term, n, state, inputs } = relay
  const notes = notesOf(relay)
  let { seen } = notes
  if (seen?.s !== state || seen.h !== host || seen.e !== term || seen.n !== n) seen = { h: host, e: term, n, s: state }
  notes.seen = seen
  return id === host ? { ...seen, i: inputs } : seen
}
