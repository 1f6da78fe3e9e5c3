// Mistakes of client code that the browsers of a room's players tell, as lines of the game's log (SPEC, Mistakes in players' browsers).
// Any player can make them up: what comes out of here is short, plain, seldom, and says where it is from.
import { Bucket } from '@sandlot/shared/bucket.ts'
import { MAX_OWN_PROBLEMS, MAX_PLAYERS, MAX_ROOM_PROBLEMS, PROBLEM_REPEAT_MS } from '@sandlot/shared/limits.ts'
import type { ClientProblem } from '@sandlot/shared/protocol/messages.ts'
import { describe } from './problem.ts'
import type { Usages } from './usage.ts'

const MINUTE_MS = 60_000

/** Something that is told again when there is twice as much of it. */
interface Told {
  /** As of the last line. */
  count: number
  atMs: number
}
interface Mistake extends Told {
  players: Set<string>
}
interface Teller {
  bucket: Bucket
  /** Told in this minute. */
  count: number
  /** Of the mistakes of this build, how many nobody told before. */
  first: number
}

export class Mistakes {
  readonly #usages: Usages
  readonly #log: (line: string) => void
  readonly #bucket: Bucket
  readonly #tellers = new Map<string, Teller>()
  /** By what the lines say of them. */
  readonly #known = new Map<string, Mistake>()
  #further = 0 // of this build, that are in no line
  #furtherTold: Told = { count: 0, atMs: -Infinity }
  #count = 0 // told in this minute
  #minuteMs = -Infinity

  constructor(usages: Usages, log: (line: string) => void) {
    this.#usages = usages
    this.#log = log
    const { roomProblemsPerMinute } = usages.budgets
    this.#bucket = new Bucket(roomProblemsPerMinute / 60, roomProblemsPerMinute)
  }

  /** The player's browser tells of a mistake in the build that the room has. `nowMs` of any clock that only moves forward. */
  tell(player: string, { build, message, file, line }: ClientProblem, nowMs: number): void {
    const teller = this.#tellerOf(player)
    if (!this.#mayTell(teller, nowMs)) return
    const what = `${describe({ message: plain(message), file, line })} (build ${build.slice(0, 8)})`
    const known = this.#known.get(what)
    if (known) {
      if (known.players.size < MAX_PLAYERS) known.players.add(player)
    } else if (this.#known.size >= MAX_ROOM_PROBLEMS || teller.first >= MAX_OWN_PROBLEMS) this.#further++
    else {
      teller.first++
      this.#known.set(what, { players: new Set([player]), count: 1, atMs: nowMs })
      this.#log(`A player’s browser says: ${what}`)
    }
  }

  #tellerOf(player: string): Teller {
    const known = this.#tellers.get(player)
    if (known) return known
    const { playerProblemsPerMinute } = this.#usages.budgets
    const bucket = new Bucket(playerProblemsPerMinute / 60, playerProblemsPerMinute)
    const teller = { bucket, count: 0, first: 0 }
    this.#tellers.set(player, teller)
    return teller
  }

  #mayTell(teller: Teller, nowMs: number): boolean {
    if (nowMs >= this.#minuteMs + MINUTE_MS) {
      this.#minuteMs = nowMs
      this.#count = 0
      for (const each of this.#tellers.values()) each.count = 0
    }
    this.#usages.note('playerProblemsPerMinute', ++teller.count)
    if (!teller.bucket.take(nowMs)) {
      this.#usages.over('playerProblemsPerMinute')
      return false
    }
    this.#usages.note('roomProblemsPerMinute', ++this.#count)
    if (this.#bucket.take(nowMs)) return true
    this.#usages.over('roomProblemsPerMinute')
    return false
  }

  /** Says how many players have seen what by now. To be called about once a second. */
  tidy(nowMs: number): void {
    for (const [what, mistake] of this.#known) {
      const { size } = mistake.players
      if (isNews(mistake, size, nowMs)) this.#log(`${size} players’ browsers say: ${what}`)
    }
    if (isNews(this.#furtherTold, this.#further, nowMs))
      this.#log(
        `Players’ browsers told of mistakes ${this.#further} more times than this log shows: of a build it has ${MAX_ROOM_PROBLEMS} different ones a room, ${MAX_OWN_PROBLEMS} a player`,
      )
  }

  /** The room has another build: what was wrong with the one before is no news any more. */
  renew(): void {
    this.#known.clear()
    this.#further = 0
    this.#furtherTold = { count: 0, atMs: -Infinity }
    for (const teller of this.#tellers.values()) teller.first = 0
  }

  /** The player has no seat any more. */
  forget(player: string): void {
    this.#tellers.delete(player)
  }
}

/** Whether `count` is to be told; it counts as told then. */
function isNews(told: Told, count: number, nowMs: number): boolean {
  if (count === 0 || count < 2 * told.count || nowMs < told.atMs + PROBLEM_REPEAT_MS) return false
  told.count = count
  told.atMs = nowMs
  return true
}

/** On one line, without anything that is not to be seen. */
const plain = (text: string): string =>
  text
    .replace(/[\s\p{Z}]+/gu, ' ')
    .replace(/\p{C}/gu, '')
    .trim() || 'a mistake without a message'
