// Whether two views are the same plain JSON. Captures what it calls, as all guest code.
const { isArray } = Array
const { keys: keysOf, hasOwn } = Object
const MAX_DEPTH = 64 // what is deeper is refused when it is sent

/** False also for what is no plain JSON: then each is looked at by itself, and refused there. */
export function equal(a: unknown, b: unknown, depth = 0): boolean {
  if (a === b) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null || depth > MAX_DEPTH) return false
  if (isArray(a) !== isArray(b)) return false
  const keys = keysOf(a)
  if (keys.length !== keysOf(b).length) return false
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i]!
    if (!hasOwn(b, key)) return false
    if (!equal((a as Record<string, unknown>)[key], (b as Record<string, unknown>)[key], depth + 1)) return false
  }
  return isArray(a) ? a.length === (b as unknown[]).length : true
}
