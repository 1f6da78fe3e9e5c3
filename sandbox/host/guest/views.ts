// What players are sent of the state: all the same, or each what `view` returns for them. Players whose views are equal share a stream.

import type { Player } from '@sandlot/shared/protocol/messages.ts'
import { type Change, Stream } from '@sandlot/shared/protocol/packed/stream.ts'
import { DELTA, FULL } from '@sandlot/shared/protocol/packed/tags.ts'
import type { GuestError } from '../frame.ts'
import { equal } from './equal.ts'
import { randomState, setRandom } from './realm.ts'
import { finished } from './step.ts'
import { append, describe } from './text.ts'
import { game, type Said, world } from './world.ts'

const { create, keys: keysOf } = Object
const { fromCharCode } = String
const { floor } = Math

export function forgetViews(): void {
  world.views = create(null)
  world.owed = create(null)
}
export function forgetView(id: string): void {
  delete world.views[id]
  delete world.owed[id]
}

/** These players, or all, miss what happens to the state in this frame. */
export function owe(to: string[] | null): void {
  const { list } = world.players
  if (to === null) for (let i = 0; i < list.length; i++) world.owed[list[i]!.id] = true
  else for (let i = 0; i < to.length; i++) world.owed[to[i]!] = true
}

/** Those who need the whole state, and those who are owed it. */
function withOwed(full: string[]): string[] {
  const { owed } = world
  const ids = keysOf(owed)
  if (ids.length === 0) return full
  world.owed = create(null)
  const all: string[] = []
  for (let i = 0; i < full.length; i++) {
    append(all, full[i]!)
    delete owed[full[i]!]
  }
  for (let i = 0; i < ids.length; i++) if (owed[ids[i]!] && world.players.find(ids[i]!)) append(all, ids[i]!)
  return all
}

/** View runs for some players and not for others, so it must not move the random sequence. */
export function viewOf(player: Player): unknown {
  const saved = randomState()
  try {
    const value = game!.view!(world.state, player)
    finished('view', value)
    return value
  } finally {
    setRandom(saved)
  }
}

/** A message about the state of this frame (shared/protocol/decoder.ts). */
function stateMessage(kind: number, bytes: string, to: string[] | null): Said {
  let head = fromCharCode(kind)
  let frame = world.frame
  for (; frame > 127; frame = floor(frame / 128)) head += fromCharCode((frame % 128) | 128)
  return { text: head + fromCharCode(frame) + bytes, to, isState: true }
}

/** The messages about the state of a frame. `newcomers`: players who need all of it. The problem: the first throw of a view. */
export function picture(change: Change, newcomers: string[]): { said: Said[]; problem: GuestError | undefined } {
  const said: Said[] = []
  const full = withOwed(newcomers)
  if (!change.changed && full.length === 0) return { said, problem: undefined }
  if (game!.view) return eachView(full, newcomers.length)
  if (change.bytes !== '') append(said, stateMessage(DELTA, change.bytes, null))
  if (full.length > 0) append(said, stateMessage(FULL, world.shadow.full(), full))
  return { said, problem: undefined }
}

/** Players who were sent the same so far and see the same now. */
interface Group {
  stream: Stream
  value: unknown
  bytes: string
  players: string[]
  newcomers: string[]
}

/** A player whose view throws keeps the picture of the frame before, and a newcomer, of whom there are `fresh` in front, starts from nothing. */
function eachView(full: string[], fresh: number): { said: Said[]; problem: GuestError | undefined } {
  const groups: Group[] = []
  let problem: GuestError | undefined
  const isNew: Record<string, 'fresh' | 'owed'> = create(null)
  for (let i = 0; i < full.length; i++) isNew[full[i]!] = i < fresh ? 'fresh' : 'owed'
  const { list } = world.players
  // Who has a stream comes first, so that newcomers can share it.
  for (let turn = 0; turn < 2; turn++) {
    for (let i = 0; i < list.length; i++) {
      const { id } = list[i]!
      const joins = isNew[id] !== undefined
      if (joins !== (turn === 1) || (!joins && world.views[id] === undefined)) continue
      try {
        see(groups, id, viewOf(list[i]!), joins)
      } catch (thrown) {
        problem ??= describe(thrown)
        if (isNew[id] === 'fresh') see(groups, id, null, true)
        else {
          delete world.views[id]
          world.owed[id] = true
        }
      }
    }
  }
  return { said: tell(groups), problem }
}

/** Puts a player into the group that sees `value`, or begins one. Throws StateError. */
function see(groups: Group[], id: string, value: unknown, joins: boolean): void {
  for (let i = 0; i < groups.length; i++) {
    const group = groups[i]!
    if (!joins && group.stream !== world.views[id]) continue
    if (value !== group.value && !equal(value, group.value)) continue
    append(joins ? group.newcomers : group.players, id)
    world.views[id] = group.stream
    return
  }
  const mine = joins ? undefined : world.views[id]
  if (mine !== undefined && !isTaken(groups, mine)) {
    append(groups, { stream: mine, value, bytes: mine.diff(value).bytes, players: [id], newcomers: [] })
    return
  }
  // Whoever else had this stream sees something else now: this player gets a stream, and the whole view, of its own.
  const stream = new Stream(value, {
    precision: world.precision,
    name: 'view',
    maxChars: world.limits.frameOutputBytes,
    of: world.shadow,
  })
  append(groups, { stream, value, bytes: '', players: [], newcomers: [id] })
  world.views[id] = stream
}

function isTaken(groups: Group[], stream: Stream): boolean {
  for (let i = 0; i < groups.length; i++) if (groups[i]!.stream === stream) return true
  return false
}

function tell(groups: Group[]): Said[] {
  const said: Said[] = []
  for (let i = 0; i < groups.length; i++) {
    const { stream, bytes, players, newcomers } = groups[i]!
    stream.commit()
    if (bytes !== '' && players.length > 0) append(said, stateMessage(DELTA, bytes, players))
    if (newcomers.length > 0) append(said, stateMessage(FULL, stream.full(), newcomers))
  }
  return said
}
