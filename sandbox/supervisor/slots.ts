// At most so many at once. Who waits is taken in turn, one of each group after the other, however many of one group there are.

export class Slots {
  #free: number
  #mostOfGroup: number
  #running = new Map<string, number>()
  #waiting = new Map<string, (() => void)[]>() // groups in the order of their turns

  /** Of more than one slot, one group never has all: one stays for the next group. */
  constructor(slots: number) {
    this.#free = slots
    this.#mostOfGroup = Math.max(1, slots - 1)
  }

  /** Runs `act` when it is the turn of this one of its group. */
  async with<T>(group: string, act: () => Promise<T>): Promise<T> {
    if (this.#mayRun(group)) this.#take(group)
    else await new Promise<void>((resolve) => this.#line(group).push(resolve)) // whoever is done takes the slot for it
    try {
      return await act()
    } finally {
      this.#leave(group)
    }
  }

  #mayRun(group: string): boolean {
    return this.#free > 0 && (this.#running.get(group) ?? 0) < this.#mostOfGroup
  }

  #take(group: string): void {
    this.#free--
    this.#running.set(group, (this.#running.get(group) ?? 0) + 1)
  }

  #line(group: string): (() => void)[] {
    const line = this.#waiting.get(group) ?? []
    this.#waiting.set(group, line)
    return line
  }

  #leave(group: string): void {
    this.#free++
    const running = this.#running.get(group)! - 1
    if (running > 0) this.#running.set(group, running)
    else this.#running.delete(group)
    for (const [next, line] of this.#waiting) {
      if (!this.#mayRun(next)) continue
      this.#waiting.delete(next)
      const go = line.shift()!
      if (line.length > 0) this.#waiting.set(next, line) // behind all others
      this.#take(next)
      go()
    }
  }
}
