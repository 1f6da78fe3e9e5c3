// A game's log from two places: the last lines in its machine's memory, and those that the website has kept.
import type { Status } from '../lib/api.ts'

export type LogLine = Status['log'][number]

const MAX_LINES = 1_000 // as many as the website keeps

/** One line said twice in a millisecond is two lines; the same line kept in both places is one. The website keeps whole characters only. */
const sign = ({ at, room, text }: LogLine): string => JSON.stringify([at, room, text.toWellFormed()])

/** The lines of both, oldest first, each as often as the one who has it more often. `earlier` itself when `later` adds nothing. */
export function mergeLog(earlier: readonly LogLine[], later: readonly LogLine[]): readonly LogLine[] {
  const known = new Map<string, number>()
  for (const line of earlier) known.set(sign(line), (known.get(sign(line)) ?? 0) + 1)
  const added = later.filter((line) => {
    const times = known.get(sign(line)) ?? 0
    known.set(sign(line), times - 1)
    return times <= 0
  })
  if (added.length === 0) return earlier
  return [...earlier, ...added].sort((a, b) => a.at - b.at).slice(-MAX_LINES) // stable: what was said at once stays in its order
}
