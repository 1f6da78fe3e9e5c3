// Keeps one thing on the screen for each entry of a list in the state.
import { add, harden, isArray, keysOf, type List, list, SafeMap, SafeSet, toText } from './safe.ts'

/** The key of an array's item: its `id` if it has one, else its index. */
function keyOf(item: unknown, index: number): string {
  const id = (item as { id?: unknown } | null | undefined)?.id
  return typeof id === 'string' || typeof id === 'number' ? toText(id) : toText(index)
}

export class ThingGroup<Item, T extends Thing> implements Group<Item, T> {
  readonly #create: (item: Item, key: string) => T
  readonly #things = new SafeMap<string, T>()

  constructor(create: (item: Item, key: string) => T) {
    this.#create = create
  }

  /** Brings the group to `items`. Those that left are destroyed first, so a full screen has room for their successors. */
  sync(items: Record<string, Item> | readonly Item[], update?: (thing: T, item: Item, key: string) => void): void {
    const keys: List<string> = list()
    const source = (items ?? {}) as Record<string, Item> & readonly Item[]
    const wanted = new SafeSet<string>()
    const names = isArray(source) ? source : keysOf(source)
    for (let i = 0; i < names.length; i++) {
      const key = isArray(source) ? keyOf(source[i], i) : (names[i] as string)
      add(keys, key)
      wanted.add(key)
    }
    const gone = list<string>()
    this.#things.forEach((_, key) => {
      if (!wanted.has(key)) add(gone, key)
    })
    for (let i = 0; i < gone.length; i++) {
      const thing = this.#things.get(gone[i]!)!
      this.#things.delete(gone[i]!)
      thing.destroy()
    }
    for (let i = 0; i < keys.length; i++) {
      const key = keys[i]!
      const item = isArray(source) ? source[i]! : source[key]!
      let thing = this.#things.get(key)
      if (!thing) {
        thing = this.#create(item, key)
        this.#things.set(key, thing)
      }
      update?.(thing, item, key)
    }
  }

  get(key: string): T | undefined {
    return this.#things.get(toText(key))
  }

  forEach(callback: (thing: T, key: string) => void): void {
    this.#things.forEach((thing, key) => {
      callback(thing, key)
    })
  }

  get size(): number {
    return this.#things.size
  }

  clear(): void {
    const all = list<T>()
    this.#things.forEach((thing) => {
      add(all, thing)
    })
    this.#things.clear()
    for (let i = 0; i < all.length; i++) all[i]!.destroy()
  }
}
harden(ThingGroup)
