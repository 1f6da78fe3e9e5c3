// What happens in a player's browser: so far, what the guards of the creator's code cost.
import { guardOverhead } from './guard.ts'

/** The figures and a table of them. `runs`: rounds in alternation. */
export async function client(runs: number): Promise<[text: string, figures: object]> {
  const guard = await guardOverhead(runs)
  const rows = Object.entries(guard).map(
    ([name, { ratio, unguardedUs, guardedUs }]) => `${name.padEnd(34)}${ratio} (${unguardedUs} -> ${guardedUs} µs)`,
  )
  return [`Time of guarded code by that of the same without guards\n${rows.join('\n')}`, { guard }]
}
