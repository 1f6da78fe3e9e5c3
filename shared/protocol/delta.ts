// Applies the difference between two JSON values. Runs beside hostile code too, so everything it calls is captured when it loads.
import { isContainer, put, StateError } from './canonical.ts'
import type { Json, Patch } from './messages.ts'

const isArray = Array.isArray
const keysOf = Object.keys
const hasOwn = Object.hasOwn
const isInteger = Number.isInteger

/** Applies `patch` to `value` (containers are changed in place) and returns the new root. A patch that does not fit throws StateError. */
export function applyPatch(value: Json, patch: Patch): Json {
  if (hasOwn(patch, 'v')) return patch.v!
  if (!isContainer(value)) throw new StateError('the patch does not fit the state')
  const added = patch.s ? keysOf(patch.s) : []
  if (isArray(value) && patch.l !== undefined) {
    const fits = isInteger(patch.l) && patch.l >= 0 && patch.l <= value.length + added.length
    if (!fits) throw new StateError('the patch does not fit the state')
    value.length = patch.l
  }
  for (let i = 0; patch.d && i < patch.d.length; i++) delete (value as Record<string, Json>)[patch.d[i]!]
  for (let i = 0; i < added.length; i++) put(value, added[i]!, patch.s![added[i]!])
  const inside = patch.p ? keysOf(patch.p) : []
  for (let i = 0; i < inside.length; i++) {
    const key = inside[i]!
    const inner = hasOwn(value, key) ? (value as Record<string, Json>)[key] : undefined
    put(value, key, applyPatch(inner as Json, patch.p![key]!))
  }
  return value
}

/** How `before` became `after`, in plain JSON both; undefined when they are the same. Keys that were there keep their order. */
export function makePatch(before: Json, after: Json): Patch | undefined {
  if (before === after) return undefined
  if (!isContainer(before) || !isContainer(after) || isArray(before) !== isArray(after)) return { v: after }
  const patch: Patch = {}
  const now = keysOf(after)
  if (isArray(after)) {
    if ((before as Json[]).length !== after.length) patch.l = after.length
  } else {
    const was = keysOf(before)
    const gone: string[] = []
    for (let i = 0; i < was.length; i++) if (!hasOwn(after, was[i]!)) put(gone, gone.length, was[i]!)
    if (gone.length > 0) patch.d = gone
  }
  for (let i = 0; i < now.length; i++) {
    const key = now[i]!
    const value = (after as Record<string, Json>)[key]!
    const inner = hasOwn(before, key) ? makePatch((before as Record<string, Json>)[key]!, value) : { v: value }
    if (inner === undefined) continue
    if (hasOwn(inner, 'v')) {
      patch.s ??= {}
      put(patch.s, key, value)
    } else {
      patch.p ??= {}
      put(patch.p, key, inner)
    }
  }
  return patch.s || patch.p || patch.d || patch.l !== undefined ? patch : undefined
}
