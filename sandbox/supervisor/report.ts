// What a node tells the website's bridge.
import type { appendLog, reportBuild, reportRoom, reportSeat, storeSet } from '@sandlot/shared/contract.ts'
import type { z } from 'zod'

/** A report and the bridge's procedure that takes it. Its `seq` is given when it is sent. `game`: whose room it is, where that is known. */
export type Report =
  | { to: 'builds.report'; input: Unsent<typeof reportBuild> }
  | { to: 'rooms.report'; input: Unsent<typeof reportRoom>; game?: string | null }
  | { to: 'rooms.seat'; input: Unsent<typeof reportSeat>; game?: string | null }
  | StoreReport
  | LogReport
export type StoreReport = { to: 'store.set'; input: Unsent<typeof storeSet> }
export type LogReport = { to: 'logs.append'; input: Unsent<typeof appendLog> }
type Unsent<Schema extends z.ZodType> = Omit<z.input<Schema>, 'seq'>

/** Whose share of the queue it takes: the game's, or the room's, of which an earlier supervisor knew the game. */
export function ownerOf(report: Report): string {
  if ('game' in report.input) return report.input.game
  return ('game' in report && report.game) || report.input.room
}
