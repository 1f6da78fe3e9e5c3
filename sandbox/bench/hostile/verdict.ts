// What a run of the hostile benchmark says: a table, and whether the aims hold.
import type { Outcome } from './hostile.ts'

const MAX_GAP_MS = 100 // two frames at 20 Hz
const MAX_END_MS = 3_000
const MAX_DRIVER_LAG_MS = 50 // a gap that is measured by a process held up for longer says nothing

const COLUMNS: [head: string, cell: (outcome: Outcome) => unknown][] = [
  ['attack', ({ attack }) => attack],
  ['others: gap ms', ({ othersMaxGapMs }) => othersMaxGapMs],
  ['lost', ({ othersLostRooms }) => othersLostRooms],
  ['siblings: gap ms', ({ siblingsMaxGapMs }) => siblingsMaxGapMs],
  ['lost', ({ siblingsLostRooms }) => siblingsLostRooms],
  ['ended ms', ({ endedMs }) => endedMs],
  ['driver lag ms', ({ driverLagMs }) => driverLagMs],
  ['reason', ({ reason }) => reason.slice(0, 90)],
]

/** For a person. */
export function hostileTable(outcomes: Outcome[]): string {
  const rows = [
    COLUMNS.map(([head]) => head),
    ...outcomes.map((outcome) => COLUMNS.map(([, cell]) => String(cell(outcome) ?? '-'))),
  ]
  const widths = COLUMNS.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)))
  const line = (row: string[]) =>
    row
      .map((cell, column) => cell.padEnd(widths[column]!))
      .join('  ')
      .trimEnd() // prettier-ignore
  return rows.map(line).join('\n')
}

/** A sentence an aim: that it holds, or in which attacks it does not, or could not be told. `ours`: without the peers. */
export function verdict(ours: Outcome[]): string {
  const attacks = ours.filter(({ attack }) => !attack.startsWith('none'))
  const blurred = (outcome: Outcome) => outcome.driverLagMs > MAX_DRIVER_LAG_MS
  const gap = (outcome: Outcome) =>
    outcome.othersMaxGapMs !== null && outcome.othersMaxGapMs <= MAX_GAP_MS
      ? true
      : outcome.othersMaxGapMs !== null && blurred(outcome)
        ? undefined
        : false
  return [
    aim(`rooms of other games have no gap over ${MAX_GAP_MS} ms`, ours, gap),
    aim('no room of another game is lost', ours, ({ othersLostRooms }) => othersLostRooms === 0),
    aim(
      `every attack is over, with its reason, within ${MAX_END_MS / 1000} s`,
      attacks,
      ({ endedMs, reason }) => endedMs !== null && endedMs <= MAX_END_MS && reason !== '',
    ),
  ].join('\n')
}

function aim(what: string, of: Outcome[], holds: (outcome: Outcome) => boolean | undefined): string {
  const names = (result: boolean | undefined) =>
    of
      .filter((outcome) => holds(outcome) === result)
      .map(({ attack }) => attack)
      .join(', ')
  const missed = names(false)
  const unknown = names(undefined)
  if (missed === '' && unknown === '') return `holds: ${what} (${of.length} of ${of.length})`
  const open = unknown && `; cannot be told, because the measuring process was held up: ${unknown}`
  return missed ? `MISSED: ${what}: ${missed}${open}` : `open: ${what}${open}`
}
