// Random states and edits of them, many a second and the same for the same seed.
import type { Json } from '../protocol/messages.ts'

export type Random = () => number

/** mulberry32 by Tommy Ettinger: 32 bits of state, 0 <= x < 1. */
export function seeded(seed: number): Random {
  let state = seed | 0
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}

const KEYS = ['x', 'y', 'hp', 'name', 'constructor', 'toString', 'hasOwnProperty', '', '0', '7', '12', 'ключ', '\ud800']
const TEXTS = ['', 'a', 'é', 'Ā', 'ÿ', '\ud800', '\udc00x', '😀', 'x'.repeat(31), 'x'.repeat(32), 'é'.repeat(40), '\0']
const NUMBERS = [0, 1, -1, 63, 64, -64, 127, 128, 8191, 8192, -8192, 2 ** 19, 2 ** 20, 2 ** 31, 2 ** 52, -(2 ** 52)]
const EXTREME = [2 ** 53, 1e300, -1e-300, 3.5e38, 5e-324, -5e-324, Number.MAX_VALUE, 0.1, 48137790.00000001]

export const below = (random: Random, count: number): number => Math.floor(random() * count)
const pick = <T>(random: Random, from: readonly T[]): T => from[below(random, from.length)]!

function leaf(random: Random): Json {
  switch (below(random, 9)) {
    case 0:
      return null
    case 1:
      return random() < 0.5
    case 2:
      return pick(random, TEXTS)
    case 3:
      return pick(random, NUMBERS)
    case 4:
      return pick(random, EXTREME)
    case 5:
      return below(random, 200_000) / 100 - 1_000
    case 6:
      return (random() - 0.5) * 10 ** below(random, 12)
    default:
      return below(random, 300) - 150
  }
}

/** Any plain JSON; deeper than `depth` only leaves. */
export function randomState(random: Random, depth = 3): Json {
  const kind = depth === 0 ? 9 : below(random, depth > 2 ? 7 : 13)
  if (kind < 2) return Array.from({ length: below(random, 5) }, () => randomState(random, depth - 1))
  if (kind < 4) {
    const out: Record<string, Json> = {}
    for (let count = below(random, 5); count > 0; count--) out[pick(random, KEYS)] = randomState(random, depth - 1)
    return out
  }
  if (kind < 6)
    return Array.from({ length: below(random, 7) }, () => ({
      x: leaf(random),
      y: leaf(random),
      hp: randomState(random, depth - 1),
    }))
  return leaf(random)
}

type Container = Json[] | { [key: string]: Json }
function containersOf(value: Json, out: Container[] = []): Container[] {
  if (typeof value !== 'object' || value === null) return out
  out.push(value)
  for (const child of Object.values(value)) containersOf(child, out)
  return out
}

/** Changes some of `state` in place, as a game would; the new root. */
export function randomEdit(random: Random, state: Json): Json {
  const containers = containersOf(state)
  if (containers.length === 0 || random() < 0.02) return randomState(random)
  for (let edits = below(random, 6); edits > 0; edits--) {
    const target = pick(random, containers)
    const how = below(random, 8)
    if (Array.isArray(target)) editArray(random, target, how)
    else editObject(random, target, how)
  }
  return state
}

function editArray(random: Random, target: Json[], how: number): void {
  const at = below(random, target.length + 1)
  if (how === 0) target.splice(at, 1)
  else if (how === 1) target.splice(at, 0, randomState(random, 2))
  else if (how === 2) target.push(randomState(random, 2))
  else if (how === 3) target.length = at
  else if (at < target.length) target[at] = moved(random, target[at]!)
}

function editObject(random: Random, target: { [key: string]: Json }, how: number): void {
  const keys = Object.keys(target)
  const key = keys.length > 0 ? pick(random, keys) : 'x'
  if (how === 0) delete target[key]
  else if (how === 1) {
    const value = target[key] ?? null
    delete target[key]
    target[key] = value // to the end
  } else if (how < 4) target[pick(random, KEYS)] = randomState(random, 2)
  else if (key in target) target[key] = moved(random, target[key]!)
}

/** A number moves a little, a boolean turns, anything else is replaced. */
function moved(random: Random, value: Json): Json {
  if (typeof value === 'number' && random() < 0.8) return value + (random() < 0.5 ? 1 : (random() - 0.5) * 100)
  if (typeof value === 'boolean') return !value
  return randomState(random, 2)
}
