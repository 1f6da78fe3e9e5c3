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
