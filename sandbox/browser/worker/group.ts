// Keeps one thing on the screen for each entry of a list in the state.

/** The keys of `items`: an object's own keys, or each array item's `id` if it has one, else its index. */
function entries<Item>(items: Record<string, Item> | Item[]): [string, Item][] {
  if (!Array.isArray(items)) return Object.entries(items)
  return items.map((item, index) => {
    const id = (item as { id?: unknown } | null)?.id
    return [typeof id === 'string' || typeof id === 'number' ? String(id) : String(index), item]
  })
}

export class ThingGroup<Item, T extends Thing> implements Group<Item, T> {
  readonly #create: (item: Item, key: string) => T
  readonly #things = new Map<string, T>()

  constructor(create: (item: Item, key: string) => T) {
    this.#create = create
  }

  /** Brings the group to `items`. Those that left are destroyed first, so a full screen has room for their successors. */
  sync(items: Record<string, Item> | Item[], update?: (thing: T, item: Item, key: string) => void): void {
    const wanted = new Map(entries(items ?? {}))
    for (const [key, thing] of this.#things) {
      if (wanted.has(key)) continue
      this.#things.delete(key)
      thing.destroy()
    }
    for (const [key, item] of wanted) {
      let thing = this.#things.get(key)
      if (!thing) {
        thing = this.#create(item, key)
        this.#things.set(key, thing)
      }
      update?.(thing, item, key)
    }
  }

  get(key: string): T | undefined {
    return this.#things.get(String(key))
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
    for (const thing of this.#things.values()) thing.destroy()
    this.#things.clear()
  }
}
