// One at a time for each name; others wait in line.

export class Locks {
  #last = new Map<string, Promise<unknown>>()

  /** Runs `act` when everybody who asked for `name` before is done. */
  async with<T>(name: string, act: () => Promise<T>): Promise<T> {
    const before = this.#last.get(name)
    const mine = (async () => {
      await before?.catch(() => {}) // its own caller hears of it
      return act()
    })()
    this.#last.set(name, mine)
    try {
      return await mine
    } finally {
      if (this.#last.get(name) === mine) this.#last.delete(name)
    }
  }
}
