// What must be true of the two machines, tried from outside and from inside as the wrong user. The same whoever built them.
import { BROWSER } from './rules/browser.ts'
import { COPIES } from './rules/copies.ts'
import { DATA } from './rules/data.ts'
import { FILES } from './rules/files.ts'
import { FORWARDING } from './rules/forwarding.ts'
import { JOURNEY } from './rules/journey.ts'
import { DRILL, OUTAGES } from './rules/outages.ts'
import type { Pair, Rule } from './rules/pair.ts'
import { PEOPLE } from './rules/people.ts'
import { REACH } from './rules/reach.ts'
import { WALLS } from './rules/walls.ts'
import { SFTP } from './sftp.ts'

/** In this order: later rules use what earlier ones made. All but `journey` can be left out. */
const GROUPS = {
  journey: JOURNEY.slice(0, 4),
  browser: BROWSER,
  live: JOURNEY.slice(4),
  people: PEOPLE,
  walls: WALLS,
  reach: REACH,
  sftp: SFTP,
  forwarding: FORWARDING,
  files: FILES,
  copies: COPIES,
  data: DATA,
  outages: OUTAGES,
  drill: DRILL,
} satisfies Record<string, readonly Rule[]>

export const RULES: readonly Rule[] = Object.values(GROUPS).flat()

/** The rules of these groups, and of those that they stand on. Throws for a name that there is not. */
export function rulesOf(names: readonly string[]): readonly Rule[] {
  const unknown = names.find((name) => !Object.hasOwn(GROUPS, name))
  if (unknown !== undefined)
    throw new Error(`There are no rules "${unknown}"; there are ${Object.keys(GROUPS).join(', ')}.`)
  const needed = new Set([
    'journey',
    'live',
    ...names,
    ...(names.includes('files') || names.includes('forwarding') ? ['sftp'] : []),
  ])
  return Object.entries(GROUPS).flatMap(([name, rules]) => (needed.has(name) ? rules : []))
}

/** What the two checks of NixOS try, where there is no browser and no image to swap. */
export const RULE_SETS: Record<'pair' | 'attack', readonly Rule[]> = {
  pair: [...JOURNEY, ...PEOPLE, ...COPIES, ...DATA, ...OUTAGES],
  attack: [...JOURNEY, ...WALLS, ...REACH],
}

export interface Outcome {
  passed: number
  failed: number
  /** Rules that these machines cannot show. */
  skipped: number
}

/** Tries all; each is told to `say` as it ends. A rule that fails does not stop those after it. */
export async function tryAll(pair: Pair, say: (line: string) => void, rules = RULES): Promise<Outcome> {
  const outcome = { passed: 0, failed: 0, skipped: 0 }
  for (const [title, holds] of rules) {
    const startMs = performance.now()
    try {
      const why = await holds(pair)
      outcome[typeof why === 'string' ? 'skipped' : 'passed']++
      say(
        typeof why === 'string'
          ? `skip  ${title}: ${why}`
          : `ok    ${title} (${((performance.now() - startMs) / 1000).toFixed(1)} s)`,
      )
    } catch (error) {
      outcome.failed++
      say(`FAIL  ${title}\n      ${error instanceof Error ? error.message : error}`)
    }
  }
  return outcome
}
