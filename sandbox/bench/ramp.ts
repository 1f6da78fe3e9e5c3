// The largest number of W1 rooms that one server holds: doubles until the p99 gap between two states is over the limit, then closes in.
import { MAX_LOAD_CORES, round, runOnce } from './compare.ts'
import { installPeers } from './peers.ts'
import type { TargetName } from './targets/target.ts'
import { Overload } from './workloads/crew.ts'
import { type Plan, quantile, type Sample } from './workloads/plan.ts'

export const MAX_GAP_MS = 60 // of a 50 ms frame
const MAX_ROOMS = 480 // a host takes 500

interface Level {
  rooms: number
  gapP99: number
  cpuCores: number
  loadCores: number
}
export interface Climb {
  /** Largest number of rooms that held; 0: not even the first level. */
  rooms: number
  /** `server`: the gap was over the limit; `load`: the load generator was over its share of its core, so there may be more; `limit`: all that a host takes. */
  endedBy: 'server' | 'load' | 'limit'
  /** Medians of the runs of each. */
  levels: Level[]
}

/** Each run of a level has a fresh server, and a level is judged by the median of `runs`. `plan.rooms` is the first level. */
export async function ramp(
  plan: Omit<Plan, 'target' | 'workload'>,
  runs: number,
  targets: readonly TargetName[],
): Promise<Record<string, Climb>> {
  installPeers()
  const climbs: Record<string, Climb> = {}
  for (const target of targets) climbs[target] = await climb({ ...plan, workload: 'w1', target }, runs)
  return climbs
}

/** The median of each figure; with a gap without end when one core was not enough. */
async function level(plan: Plan, runs: number): Promise<Level> {
  const samples: Sample[] = []
  for (let run = 0; run < runs; run++) {
    try {
      samples.push(await runOnce(plan))
    } catch (error) {
      if (!(error instanceof Overload)) throw error
      console.error(error.message)
      return { rooms: plan.rooms, gapP99: Number.POSITIVE_INFINITY, cpuCores: 1, loadCores: Number.NaN }
    }
  }
  const median = (name: string) =>
    round(
      quantile(
        samples.map((sample) => sample[name]!),
        0.5,
      ),
    )
  return { rooms: plan.rooms, gapP99: median('gapP99'), cpuCores: median('cpuCores'), loadCores: median('loadCores') }
}

async function climb(plan: Plan, runs: number): Promise<Climb> {
  const result: Climb = { rooms: 0, endedBy: 'limit', levels: [] }
  let held = 0
  let tooMany = MAX_ROOMS + 1
  for (let rooms = plan.rooms; ; ) {
    const reached = await level({ ...plan, rooms }, runs)
    const { gapP99, cpuCores, loadCores } = reached
    result.levels.push(reached)
    console.error(`${plan.target}, ${rooms} rooms: gap p99 ${gapP99} ms, server ${cpuCores}, load ${loadCores} cores`)
    if (gapP99 <= MAX_GAP_MS) held = rooms
    else {
      tooMany = rooms
      result.endedBy = loadCores > MAX_LOAD_CORES ? 'load' : 'server'
    }
    const next = tooMany > MAX_ROOMS ? Math.min(rooms * 2, MAX_ROOMS) : Math.floor((held + tooMany) / 2)
    if (next <= held || tooMany - held <= Math.max(2, held / 8)) return { ...result, rooms: held }
    rooms = next
  }
}
