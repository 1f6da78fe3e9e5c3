// One step of the room: events in order, then tick. What throws is undone and left out; the rest of the frame still happens.
import { MAX_LOG_LINES_PER_FRAME } from '@sandlot/shared/limits.ts'
import { TooLargeError, takeLost } from '@sandlot/shared/protocol/canonical.ts'
import type { Change } from '@sandlot/shared/protocol/packed/stream.ts'
import type { GuestError, RoomEvent } from '../frame.ts'
import { randomState, setNow, setRandom } from './realm.ts'
import { room } from './room.ts'
import { append, describe } from './text.ts'
import { game, passed, type Said, world } from './world.ts'

const { stringify } = JSON
const { create, hasOwn } = Object
const ErrorType = Error
/** Each action that throws costs a copy of the state and all of the frame again: from then on who has had one refused is not heard for its rest. */
const MAX_UNDONE = 16
const NOT_TRIED = 'too many actions of this moment were refused, so this one was not tried'

/** Adds `chars` to the bound on the state's size; when that is over the limit, measures exactly. Throws when the state is too large. */
function grow(chars: number): void {
  world.stateChars += chars
  const { stateBytes } = world.limits
  if (world.stateChars <= stateBytes) return
  const exact = stringify(world.state).length
  if (exact > stateBytes) {
    passed('stateBytes')
    throw new ErrorType(`the room's state is ${exact} characters of JSON; the limit is ${stateBytes}`)
  }
  world.stateChars = exact
}

/** How the state differs from its shadow. Throws when it is no plain JSON or too large. */
function difference(): Change {
  try {
    const change = world.shadow.diff(world.state)
    grow(change.growth)
    return change
  } catch (thrown) {
    if (thrown instanceof TooLargeError) passed('stateBytes')
    throw thrown
  }
}

/** A creator who divides by zero should not have to search for where the null came from. */
function tellLost(): void {
  const where = takeLost()
  if (where === undefined || world.toldLost || world.logs.length >= MAX_LOG_LINES_PER_FRAME) return
  world.toldLost = true
  append(world.logs, `${where} was NaN or Infinity, which JSON cannot hold, and became null (told once)`)
}

/** Throws when the state as it is now cannot be sent; nothing is counted yet. */
function check(): void {
  const before = world.stateChars
  difference()
  world.stateChars = before
}

/** Measures a state that has just been made. Throws when it is too large. */
export function measure(): void {
  world.stateChars = 0
  grow(stringify(world.shadow.copy()).length)
}

/** A creator's function must be done when it returns: what an async one does later belongs to no frame. */
export function finished(what: string, result: unknown, action?: string): void {
  if (typeof result === 'object' && result !== null && typeof (result as { then?: unknown }).then === 'function') {
    const name = action === undefined ? what : `${what}.${action}`
    throw new ErrorType(`${name} is async, but it must finish within its frame: remove "async" and "await"`)
  }
}

/** `call` false: only keeps the books, because the creator's function threw in an earlier attempt at this frame. */
export function happen(event: RoomEvent, call: boolean): void {
  const { players, state } = world
  switch (event.k) {
    case 'join': {
      const player = players.add(event.p)
      if (!call) return
      finished('join', game!.join?.(state, player, room))
      players.setJoined(player.id, true)
      return
    }
    case 'leave': {
      const player = players.find(event.p)
      const knew = players.hasJoined(event.p)
      players.remove(event.p)
      players.setJoined(event.p, false)
      if (player && knew && call) finished('leave', game!.leave?.(state, player, room))
      return
    }
    case 'act': {
      const player = players.find(event.p)
      if (!call || player === undefined) return
      finished('actions', game!.actions![event.a]!(state, player, event.d, room), event.a)
      return
    }
    case 'host': {
      const player = players.find(event.p)
      if (call && player) finished('host', game!.host?.(state, player, room))
      return
    }
    case 'store':
      world.store.accept(event.n, event.v)
  }
}

type Attempt =
  | { ok: true; change: Change }
  | { ok: false; at: 'event'; index: number; thrown: unknown }
  | { ok: false; at: 'tick' | 'state'; thrown: unknown }

/** Events of which only the books are kept, by index; most frames have none. */
type Skip = Record<number, true> | undefined

/** One attempt at a frame, up to the first throw. `careful`: finds the event after which the state is no plain JSON any more. */
function attempt(events: RoomEvent[], skip: Skip, tick: boolean, careful: boolean): Attempt {
  for (let index = 0; index < events.length; index++) {
    try {
      const call = skip === undefined || !skip[index]
      happen(events[index]!, call)
      if (careful && call) check()
    } catch (thrown) {
      return { ok: false, at: 'event', index, thrown }
    }
  }
  try {
    if (tick) finished('tick', game!.tick?.(world.state, room))
  } catch (thrown) {
    return { ok: false, at: 'tick', thrown }
  }
  try {
    return { ok: true, change: difference() }
  } catch (thrown) {
    return { ok: false, at: 'state', thrown }
  }
}

/** A rule of the game says no with `throw new Error('…')`; a TypeError or the like is a mistake. */
function isDeliberate(thrown: unknown): boolean {
  try {
    return typeof thrown === 'string' || (thrown as Error).name === 'Error'
  } catch {
    return false
  }
}

export interface Step {
  /** How the state differs from the shadow, which the caller commits. */
  change: Change
  /** What threw, other than an action. */
  problem: GuestError | null
  /** For the senders of actions that threw. */
  refused: Said[]
  /** Actions that threw something other than a plain Error: more likely a mistake of the creator than a rule of the game. */
  faults: GuestError[]
}

/** Nothing else changes who is there. */
function comesOrGoes(events: RoomEvent[]): boolean {
  for (let i = 0; i < events.length; i++) if (events[i]!.k === 'join' || events[i]!.k === 'leave') return true
  return false
}

const isAction = (name: string): boolean => {
  const { actions } = game!
  return actions !== undefined && hasOwn(actions, name) && typeof actions[name] === 'function'
}

/** `between`: only the events, between two ticks. `ms`: the time of this frame, for rooms that do not tick. */
export function step(events: RoomEvent[], ms: number | undefined, between: boolean): Step {
  if (!between) world.frame++
  setNow(ms ?? world.startMs + (world.frame * 1000) / world.tickRate)
  const before = {
    random: randomState(),
    players: comesOrGoes(events) ? world.players.copy() : undefined,
    stateChars: world.stateChars,
  }
  let skip: Skip
  const refused: Said[] = []
  const faults: GuestError[] = []
  const refuse = (index: number, why: string) => {
    const { a, p } = events[index] as Extract<RoomEvent, { k: 'act' }>
    skip ??= create(null) as Record<number, true>
    skip[index] = true
    append(refused, { text: stringify({ t: 'refused', a, why }), to: [p] })
  }
  for (let index = 0; index < events.length; index++) {
    const event = events[index]!
    if (event.k !== 'act' || isAction(event.a)) continue
    const why = `there is no action "${event.a}"`
    refuse(index, why)
    append(faults, { message: `actions.${event.a}: ${why}`, stack: '' })
  }
  let undone = 0
  let problem: GuestError | null = null
  let tick = !between
  let careful = false
  for (;;) {
    world.said = []
    world.sent = 0
    world.end = null
    const outcome = attempt(events, skip, tick, careful)
    if (outcome.ok) {
      world.store.commit()
      tellLost()
      return { problem, change: outcome.change, refused, faults }
    }
    const error = describe(outcome.thrown)
    if (outcome.at === 'event') {
      const event = events[outcome.index]!
      if (event.k === 'act') {
        refuse(outcome.index, error.message)
        if (!isDeliberate(outcome.thrown))
          append(faults, { message: `actions.${event.a}: ${error.message}`, stack: error.stack })
        if (++undone >= MAX_UNDONE) {
          for (let index = outcome.index + 1; index < events.length; index++) {
            const later = events[index]!
            if (later.k === 'act' && later.p === event.p && !skip![index]) refuse(index, NOT_TRIED)
          }
        }
      } else {
        problem = error
        skip ??= create(null) as Record<number, true>
        skip[outcome.index] = true
      }
    } else if (outcome.at === 'state' && !careful) careful = true
    else {
      problem = error
      if (!tick) {
        skip = create(null) as Record<number, true>
        for (let i = 0; i < events.length; i++) skip[i] = true // only all of them together are too much
      }
      tick = false
    }
    world.state = world.shadow.copy()
    if (before.players) world.players = before.players.copy()
    world.store.undo()
    setRandom(before.random)
    world.stateChars = before.stateChars
  }
}
