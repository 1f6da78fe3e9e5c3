// What the readers of a stream have, kept by its writer: the state as nodes whose keys are in the order that both sides number them.
// Captures what it calls, as all code inside the isolate.
import { put } from '../canonical.ts'
import type { Json } from '../messages.ts'
import type { Part } from './shown.ts'

const { setPrototypeOf } = Object

/** An array without a prototype: writing beyond its end runs nobody's setter. */
export const list = <T>(): T[] => setPrototypeOf([], null)

export class Node {
  /** Null: an array. */
  keys: string[] | null
  values: Value[] = list()
  /** Only in a stream whose parts others show. */
  part: Part | undefined = undefined

  constructor(keys: string[] | null) {
    this.keys = keys
  }
}
export type Value = null | boolean | number | string | Node

/** Plain JSON of the node, with keys in its order. */
export function toJson(node: Node): Json {
  const { keys, values } = node
  const out = (keys === null ? [] : {}) as Record<string | number, Json>
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!
    put(out, keys === null ? i : keys[i]!, value instanceof Node ? toJson(value) : value)
  }
  return out as Json
}
