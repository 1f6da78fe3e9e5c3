// What players are sent of the state: all the same, or each what `view` returns for them.
import { put, Shadow } from '@sandlot/shared/protocol/delta.ts'
import type { Json, Patch, Player } from '@sandlot/shared/protocol/messages.ts'
import type { GuestError } from '../frame.ts'
import { randomState, setRandom } from './realm.ts'
import { finished } from './step.ts'
import { append, describe } from './text.ts'
import { type Said, world } from './world.ts'

const { stringify } = JSON
const { create, keys: keysOf } = Object
const { isArray } = Array
const { round } = Math

let common: Shadow | undefined // what all have been sent, in a game without view whose numbers are rounded
let views: Record<string, Shadow> = create(null) // of connections that have their view, by player

export function forgetViews(): void {
  common = undefined
  views = create(null)
}
export function forgetView(id: string): void {
  delete views[id]
}

/** View runs for some players and not for others, so it must not move the random sequence. */
export function viewOf(player: Player): unknown {
  const saved = randomState()
  try {
    const value = world.game!.view!(world.state, player)
    finished('view', value)
    return value
  } finally {
    setRandom(saved)
  }
}

/** A copy of `value` whose numbers have as many decimal places as game.json says. */
function rounded(value: unknown, factor: number): unknown {
  if (typeof value === 'number') return value % 1 === 0 ? value : round(value * factor) / factor
  if (typeof value !== 'object' || value === null) return value
  const copy = (isArray(value) ? [] : {}) as Record<string, unknown>
  const keys = keysOf(value)
  for (let i = 0; i < keys.length; i++)
    put(copy, keys[i]!, rounded((value as Record<string, unknown>)[keys[i]!], factor))
  return copy
}

/** What goes on the wire of `value`. */
const present = (value: unknown): unknown =>
  world.precision === undefined ? value : rounded(new Shadow(value).value, 10 ** world.precision)

/** The messages about the state of a frame. `full`: players who need all of it. The problem: the first throw of a view. */
export function picture(patch: Patch | undefined, full: string[]): { said: Said[]; problem: GuestError | undefined } {
  const said: Said[] = []
  if (patch === undefined && full.length === 0) return { said, problem: undefined }
  if (world.game!.view) return eachView(full)
  const delta = world.precision === undefined ? patch : roundedDelta(patch)
  if (delta !== undefined) append(said, { text: stringify({ t: 'delta', f: world.frame, d: delta }), to: null })
  const { value }: { value: Json } = common ?? world.shadow
  if (full.length > 0) append(said, { text: stringify({ t: 'full', f: world.frame, s: value }), to: full })
  return { said, problem: undefined }
}

function roundedDelta(patch: Patch | undefined): Patch | undefined {
  if (common === undefined) {
    common = new Shadow(present(world.shadow.value))
    return undefined // nobody has been sent anything yet
  }
  if (patch === undefined) return undefined
  const delta = common.diff(present(world.shadow.value))
  common.commit()
  return delta
}

/** A player whose view throws keeps the picture of the frame before, and a newcomer starts from nothing. */
function eachView(full: string[]): { said: Said[]; problem: GuestError | undefined } {
  const said: Said[] = []
  let problem: GuestError | undefined
  const isNew: Record<string, true> = create(null)
  for (let i = 0; i < full.length; i++) isNew[full[i]!] = true
  const { list } = world.players
  for (let i = 0; i < list.length; i++) {
    const { id } = list[i]!
    if (!isNew[id] && views[id] === undefined) continue
    let value: unknown
    try {
      value = present(viewOf(list[i]!))
      if (isNew[id]) views[id] = new Shadow(value)
      else {
        const patch = views[id]!.diff(value)
        if (patch !== undefined) append(said, { text: stringify({ t: 'delta', f: world.frame, d: patch }), to: [id] })
        views[id]!.commit()
      }
    } catch (thrown) {
      problem ??= describe(thrown)
      if (isNew[id]) views[id] = new Shadow(null)
    }
    if (isNew[id]) append(said, { text: stringify({ t: 'full', f: world.frame, s: views[id]!.value }), to: [id] })
  }
  return { said, problem }
}
