// The largest number of W1 rooms that one server holds: doubles until the p99 gap between two states is over the limit, then closes in.
import { MAX_LOAD_CORES, round, runOnce } from './compare.ts'
import { installPeers } from './peers.ts'
import type { TargetName } from './targets/target.ts'
import type { Plan } from './workloads/plan.ts'

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
  levels: Level[]
}

/** Each level is a fresh server. `plan.rooms` is the first level. */
export async function ramp(
  plan: Omit<Plan, 'target' | 'workload'>,
  targets: readonly TargetName[],
): Promise<Record<string, Climb>> {
  installPeers()
  const climbs: Record<string, Climb> = {}
  for (const target of targets) climbs[target] = await climb({ ...plan, workload: 'w1', target })
  return climbs
}

async function climb(plan: Plan): Promise<Climb> {
  const result: Climb = { rooms: 0, endedBy: 'limit', levels: [] }
  let held = 0
  let tooMany = MAX_ROOMS + 1
  for (let rooms = plan.rooms; ; ) {
    const { gapP99, cpuCores, loadCores } = (await runOnce({ ...plan, rooms })) as unknown as Level
    result.levels.push({ rooms, gapP99: round(gapP99), cpuCores: round(cpuCores), loadCores: round(loadCores) })
    console.error(
      `${plan.target}, ${rooms} rooms: gap p99 ${round(gapP99)} ms, server ${round(cpuCores)}, load ${round(loadCores)} cores`,
    )
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
