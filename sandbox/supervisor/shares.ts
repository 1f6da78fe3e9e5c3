// What each game has waiting for the bridge: so that one with very much of it is held back, and no other.
import { type LogReport, ownerOf, type Report, type StoreReport } from './report.ts'

const MAX_OF_GAME = 5_000 // reports; hours of honest play
const MAX_BYTES_OF_GAME = 8 * 1024 * 1024
const MAX_OF_ALL = 20_000 // some 10 MB of honest play. Past this, and past the bytes, each game has an even share of it
const MAX_BYTES_OF_ALL = 64 * 1024 * 1024
const MAX_LOGS = 500 // batches, of all games; past this each has an even share, and the oldest of a game that has more go
const STORE_PART = 1 / 2 // of a game's share: what it keeps must not be in the way of what became of its rooms

class Share {
  count = 0
  bytes = 0
  /** The last value of each name. */
  stored = new Map<string, StoreReport>()
  /** Oldest first. */
  logs = new Set<LogReport>()
}
const NONE = new Share()

export class Shares {
  #of = new Map<string, Share>()
  #bytesOf = new Map<string, number>() // by key
  #count = 0
  #bytes = 0

  add(report: Report, bytes: number): void {
    const owner = ownerOf(report)
    const share = this.#of.get(owner) ?? new Share()
    this.#of.set(owner, share)
    share.count++
    share.bytes += bytes
    this.#count++
    this.#bytes += bytes
    this.#bytesOf.set(report.input.key, bytes)
    if (report.to === 'store.set') share.stored.set(report.input.name, report)
    if (report.to === 'logs.append') share.logs.add(report)
  }

  remove(report: Report): void {
    const owner = ownerOf(report)
    const share = this.#of.get(owner)
    const bytes = this.#bytesOf.get(report.input.key)
    if (!share || bytes === undefined) return
    this.#bytesOf.delete(report.input.key)
    this.#count--
    this.#bytes -= bytes
    share.bytes -= bytes
    if (report.to === 'store.set' && share.stored.get(report.input.name) === report)
      share.stored.delete(report.input.name)
    if (report.to === 'logs.append') share.logs.delete(report)
    if (--share.count === 0) this.#of.delete(owner)
  }

  /** How many reports of the game wait. */
  count(game: string): number {
    return (this.#of.get(game) ?? NONE).count
  }

  /** The last value that waits for each name. */
  stored(game: string): ReadonlyMap<string, StoreReport> {
    return (this.#of.get(game) ?? NONE).stored
  }

  /** Whether the game may have this one more, `instead` of another. A log batch always may: see `tooOld`. */
  hasRoom(report: Report, instead?: Report): boolean {
    const { count, bytes, stored } = this.#of.get(ownerOf(report)) ?? NONE
    const isFull = this.#count >= MAX_OF_ALL || this.#bytes >= MAX_BYTES_OF_ALL
    const games = isFull ? this.#of.size : 1
    const part = report.to === 'store.set' ? STORE_PART : 1
    const most = part * Math.min(MAX_OF_GAME, MAX_OF_ALL / games)
    const mostBytes = part * Math.min(MAX_BYTES_OF_GAME, MAX_BYTES_OF_ALL / games)
    const others = (report.to === 'store.set' ? stored.size : count) - (instead ? 1 : 0)
    const otherBytes = bytes - (instead ? this.#bytesOf.get(instead.input.key)! : 0)
    return report.to === 'logs.append' || (others < most && otherBytes < mostBytes)
  }

  /** The log batches that have to go before another one of the game may come. */
  tooOld(game: string): LogReport[] {
    const { logs, bytes } = this.#of.get(game) ?? NONE
    const most = MAX_LOGS / Math.max(1, this.#of.size)
    const old: LogReport[] = []
    let left = bytes
    for (const report of logs) {
      if (logs.size - old.length < most && left < MAX_BYTES_OF_GAME) break
      left -= this.#bytesOf.get(report.input.key)!
      old.push(report)
    }
    return old
  }
}
