// What players are sent of the state: all the same, or each what `view` returns for them. Players whose views are equal share a stream.

import type { Player } from '@sandlot/shared/protocol/messages.ts'
import { type Change, Stream } from '@sandlot/shared/protocol/packed/stream.ts'
import { DELTA, FULL } from '@sandlot/shared/protocol/packed/tags.ts'
import { list as listOf } from '@sandlot/shared/protocol/packed/tree.ts'
import type { GuestError } from '../frame.ts'
import { equal } from './equal.ts'
import { randomState, setRandom } from './realm.ts'
import { finished } from './step.ts'
import { append, describe } from './text.ts'
import { type Group, game, type Said, type View, world } from './world.ts'

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
  const said = listOf<Said>()
  const full = withOwed(newcomers)
  if (!change.changed && full.length === 0) return { said, problem: undefined }
  if (game!.view) return eachView(full, newcomers.length)
  if (change.bytes !== '') said[said.length] = stateMessage(DELTA, change.bytes, null)
  if (full.length > 0) said[said.length] = stateMessage(FULL, world.shadow.full(), full)
  return { said, problem: undefined }
}

/** A player whose view throws keeps the picture of the frame before, and a newcomer, of whom there are `fresh` in front, starts from nothing. */
function eachView(full: string[], fresh: number): { said: Said[]; problem: GuestError | undefined } {
  const groups = listOf<Group>()
  let problem: GuestError | undefined
  const isNew: Record<string, 'fresh' | 'owed'> = create(null)
  for (let i = 0; i < full.length; i++) isNew[full[i]!] = i < fresh ? 'fresh' : 'owed'
  const { list } = world.players
  countReaders(list, isNew)
  // Who has a view comes first, so that newcomers can share it.
  for (let turn = 0; turn < 2; turn++) {
    for (let i = 0; i < list.length; i++) {
      const { id } = list[i]!
      const joins = isNew[id] !== undefined
      const mine = joins ? undefined : world.views[id]
      if (joins !== (turn === 1) || (!joins && mine === undefined)) continue
      try {
        const value = viewOf(list[i]!)
        if (mine) follow(groups, id, value, mine, full.length > 0)
        else begin(groups, id, value)
      } catch (thrown) {
        problem ??= describe(thrown)
        if (isNew[id] === 'fresh') begin(groups, id, null)
        else {
          delete world.views[id]
          world.owed[id] = true
        }
      }
    }
  }
  return { said: tell(groups), problem }
}

function countReaders(list: readonly Player[], isNew: Record<string, unknown>): void {
  for (let i = 0; i < list.length; i++) {
    const view = world.views[list[i]!.id]
    if (view === undefined) continue
    view.readers = 0
    view.group = undefined
  }
  for (let i = 0; i < list.length; i++) {
    const { id } = list[i]!
    const view = world.views[id]
    if (view !== undefined && isNew[id] === undefined) view.readers++
  }
}

/** What a player sees whose view was `mine`. Throws StateError. */
function follow(groups: Group[], id: string, value: unknown, mine: View, isCompared: boolean): void {
  const { group } = mine
  if (group === undefined) {
    const { bytes } = mine.stream.diff(value)
    const kept = isCompared || mine.readers > 1 ? value : undefined
    mine.group = { view: mine, value: kept, bytes, players: [id], newcomers: [] }
    groups[groups.length] = mine.group
  } else if (value === group.value || equal(value, group.value)) append(group.players, id)
  else begin(groups, id, value, true) // another goes on with that view: this one gets its own, and the whole of it
}

/** What a player sees who has nothing of it yet. Throws StateError. */
function begin(groups: Group[], id: string, value: unknown, apart = false): void {
  for (let i = 0; i < groups.length && !apart; i++) {
    const group = groups[i]!
    if (value !== group.value && !equal(value, group.value)) continue
    append(group.newcomers, id)
    world.views[id] = group.view
    return
  }
  const stream = new Stream(value, {
    precision: world.precision,
    name: 'view',
    maxChars: world.limits.frameOutputBytes,
    of: world.shadow,
  })
  const view: View = { stream, readers: 1, group: undefined }
  groups[groups.length] = { view, value, bytes: '', players: [], newcomers: [id] }
  world.views[id] = view
}

function tell(groups: Group[]): Said[] {
  const said = listOf<Said>()
  for (let i = 0; i < groups.length; i++) {
    const { view, bytes, players, newcomers } = groups[i]!
    const { stream } = view
    stream.commit()
    if (bytes !== '' && players.length > 0) said[said.length] = stateMessage(DELTA, bytes, players)
    if (newcomers.length > 0) said[said.length] = stateMessage(FULL, stream.full(), newcomers)
  }
  return said
}
