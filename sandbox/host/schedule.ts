// When each thing is due: the next one at hand, however many there are.
import TinyQueue from 'tinyqueue'

export class Schedule<T> {
  #atMs = new Map<T, number>()
  #queue = new TinyQueue<{ item: T; atMs: number }>([], (a, b) => a.atMs - b.atMs) // also what has been put off or dropped since

  /** `item` is due at `atMs` instead of whenever it was; Infinity: never. */
  set(item: T, atMs: number): void {
    if (this.#atMs.get(item) === atMs) return
    if (atMs === Infinity) this.#atMs.delete(item)
    else {
      this.#atMs.set(item, atMs)
      this.#queue.push({ item, atMs })
    }
  }

  /** When the next one is due; Infinity: there is none. */
  get nextMs(): number {
    for (let next = this.#queue.peek(); next; next = this.#queue.peek()) {
      if (this.#atMs.get(next.item) === next.atMs) return next.atMs
      this.#queue.pop()
    }
    return Infinity
  }

  /** Takes what is due by `nowMs`, the longest due first; undefined: nothing is. */
  take(nowMs: number): T | undefined {
    if (this.nextMs > nowMs) return undefined
    const { item } = this.#queue.pop()!
    this.#atMs.delete(item)
    return item
  }
}
