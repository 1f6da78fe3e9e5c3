// How much of the site one person may take, and one address: so that nobody's loop is everybody's wait. Each website process counts for itself.
import { Bucket } from '@sandlot/shared/bucket.ts'

/** What a call takes: `points` of this machine, and how many `nodeCalls` it makes to game servers. */
export interface Cost {
  points: number
  nodeCalls: number
}
/** A second in the long run, and at once; of `nodeCalls` also those that run at the same time. */
export interface Share {
  points: { perSecond: number; burst: number }
  nodeCalls: { perSecond: number; burst: number; running: number }
}

// A node takes CALLS_PER_SECOND (200) of all of us, twice that at once, of which 64 run (its door.ts); we let 100 wait for it (circuit.ts).
export const PERSON: Share = {
  points: { perSecond: 30, burst: 600 }, // an editor that looks for news asks for 5 a second
  nodeCalls: { perSecond: 10, burst: 100, running: 16 },
}
export const ADDRESS: Share = {
  points: { perSecond: 150, burst: 1_500 }, // a class of pupils who begin at the same time
  nodeCalls: { perSecond: 50, burst: 200, running: 48 },
}
const SWEEP_EVERY = 1_000 // new names

/** What one of them has left. */
interface Account {
  points: Bucket
  nodeCalls: Bucket
  running: number
}
/** `leave`: to be called when the call is over. `retryMs`: when there will be enough. */
export type Turn = { ok: true; leave(): void } | { ok: false; retryMs: number }

const BUSY_MS = 1_000 // when a call that runs may be over

export class Shares {
  #share: Share
  #now: () => number
  #accounts = new Map<string, Account>()
  #untilSweep = SWEEP_EVERY

  /** `now` in milliseconds of any clock that only moves forward. */
  constructor(share: Share, now: () => number = () => performance.now()) {
    this.#share = share
    this.#now = now
  }

  /** Takes what the call costs out of the share of `name`, or nothing when it is more than is left. */
  enter(name: string, { points, nodeCalls }: Cost): Turn {
    const account = this.#account(name)
    const nowMs = this.#now()
    if (nodeCalls > 0 && account.running + nodeCalls > this.#share.nodeCalls.running)
      return { ok: false, retryMs: BUSY_MS }
    const retryMs = Math.max(account.points.waitMs(nowMs, points), account.nodeCalls.waitMs(nowMs, nodeCalls))
    if (retryMs > 0) return { ok: false, retryMs }
    account.points.take(nowMs, points)
    account.nodeCalls.take(nowMs, nodeCalls)
    account.running += nodeCalls
    return {
      ok: true,
      leave: () => {
        account.running -= nodeCalls
      },
    }
  }

  /** How many are remembered. */
  get size(): number {
    return this.#accounts.size
  }

  #account(name: string): Account {
    const known = this.#accounts.get(name)
    if (known) return known
    const { points, nodeCalls } = this.#share
    const account = {
      points: new Bucket(points.perSecond, points.burst),
      nodeCalls: new Bucket(nodeCalls.perSecond, nodeCalls.burst),
      running: 0,
    }
    if (--this.#untilSweep <= 0) this.#sweep() // before it is there: it has all of its share
    this.#accounts.set(name, account)
    return account
  }

  /** Forgets who has all of a share: a new one would be the same. */
  #sweep(): void {
    this.#untilSweep = SWEEP_EVERY
    const nowMs = this.#now()
    for (const [name, { points, nodeCalls, running }] of this.#accounts)
      if (running === 0 && points.isFull(nowMs) && nodeCalls.isFull(nowMs)) this.#accounts.delete(name)
  }
}
