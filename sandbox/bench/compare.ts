// Runs a workload on all targets in alternation and says how ours compares. Absolute figures differ from machine to machine: the ratios count.
import { cpus } from 'node:os'
import { installPeers } from './peers.ts'
import { LOAD_CORE, pinned, spawnNode } from './process.ts'
import { TARGETS, type TargetName } from './targets/target.ts'
import { Overload } from './workloads/crew.ts'
import { type Plan, quantile, type Sample, type Workload } from './workloads/plan.ts'

export interface Spread {
  median: number
  min: number
  max: number
}
export type Figures = Record<string, Spread>
export interface Result {
  workload: Workload
  rooms: number
  runs: number
  at: {
    warmupMs: number
    measureMs: number
    precision: string
    pinned: boolean
    cpu: string
    cores: number
    node: string
  }
  ours: Figures
  peers: Record<Exclude<TargetName, 'ours'>, Figures>
  /** Ours divided by the peer, of the same round; below 1 is less. */
  ratio: Record<Exclude<TargetName, 'ours'>, Figures>
  /** Peers that could not be measured, and what was seen. */
  overloaded: Partial<Record<TargetName, string>>
}

/** What is compared, and the name of its ratio. */
const RATIOS: Record<string, string> = {
  cpuCores: 'cpu',
  cpuMicrosecondsPerState: 'cpuPerState',
  bytesPerState: 'bytesPerState',
  rssPerRoomKiB: 'rssPerRoom',
  ackP50: 'ackP50',
  ackP99: 'ackP99',
  gapP99: 'gapP99',
  bytesPerClientPerSecond: 'bytes',
  createP50: 'createP50',
  joinP50: 'joinP50',
  requestMean: 'requestMean',
  idleCpuCoresPer1000Rooms: 'idleCpu',
}
export const MAX_LOAD_CORES = 0.7 // above it the load generator's own delays are part of what it measures

export const round = (value: number): number => Number(value.toPrecision(4))
function spread(values: number[]): Spread {
  return { median: round(quantile(values, 0.5)), min: round(Math.min(...values)), max: round(Math.max(...values)) }
}
function spreads(samples: Sample[]): Figures {
  const figures: Figures = {}
  for (const name of Object.keys(samples[0] ?? {})) {
    const values = samples.map((sample) => sample[name]!)
    if (!values.some(Number.isNaN)) figures[name] = spread(values)
  }
  return figures
}

type Answer = { ok: true; sample: Sample } | { ok: false; message: string; overload: boolean }

/** One run in a load process of its own. Rejects with `Overload` when a core was not enough, with another error when a client has a wrong state. */
export function runOnce(plan: Plan): Promise<Sample> {
  const load = new URL('load.ts', import.meta.url).pathname
  const child = spawnNode(LOAD_CORE, ['--no-node-snapshot', '--disable-warning=ExperimentalWarning', load], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    serialization: 'advanced', // JSON has no NaN, which a figure is that a workload does not have
  })
  return new Promise((resolve, reject) => {
    child.once('message', (answer: Answer) => {
      if (answer.ok) return resolve(answer.sample)
      const message = `${plan.workload} on ${plan.target}: ${answer.message}`
      reject(answer.overload ? new Overload(message) : new Error(message))
    })
    child.once('exit', (code) => reject(new Error(`the load process exited with ${code}`)))
    child.send(plan)
  })
}

/** `runs` rounds of all targets, in the same order each; a peer that has too much to do is left out of the rounds after. */
export async function compare(
  plan: Omit<Plan, 'target'>,
  runs: number,
  targets: readonly TargetName[],
): Promise<Result> {
  if (targets.some((target) => target !== 'ours')) installPeers()
  const samples = Object.fromEntries(TARGETS.map((target) => [target, [] as Sample[]])) as Record<TargetName, Sample[]>
  const overloaded: Result['overloaded'] = {}
  for (let run = 1; run <= runs; run++) {
    for (const target of targets) {
      if (overloaded[target] !== undefined) continue
      const sample = await runOnce({ ...plan, target }).catch((error: Error) => {
        if (target === 'ours' || !(error instanceof Overload)) throw error
        overloaded[target] = error.message
        samples[target].length = 0
        console.error(`round ${run} of ${runs}: ${error.message}`)
      })
      if (!sample) continue
      samples[target].push(sample)
      const { cpuCores, ackP50, bytesPerClientPerSecond: bytes, loadCores } = sample
      const text = { cpu: cpuCores, ackP50, bytes, load: loadCores }
      const shown = Object.entries(text).map(([name, value]) => `${name} ${value === undefined ? '-' : round(value)}`)
      console.error(`round ${run} of ${runs}, ${target}: ${shown.join(', ')}`)
      if (loadCores !== undefined && loadCores > MAX_LOAD_CORES)
        console.error(
          `  the load generator was busy (${round(loadCores)} core): its own delays are in the times of this run`,
        )
    }
  }
  const peers = TARGETS.filter((target) => target !== 'ours')
  const ratioTo = (peer: TargetName): Figures => {
    const pairs = samples.ours.slice(0, samples[peer].length).map((ours, i) => {
      const other = samples[peer][i]!
      const both = Object.keys(RATIOS).filter((name) => ours[name] !== undefined && other[name] !== undefined)
      return Object.fromEntries(both.map((name) => [RATIOS[name]!, ours[name]! / other[name]!]))
    })
    return spreads(pairs)
  }
  const of = (make: (peer: TargetName) => Figures) =>
    Object.fromEntries(peers.map((peer) => [peer, make(peer)])) as Result['peers']
  const { workload, rooms, warmupMs, measureMs } = plan
  const machine = { cpu: cpus()[0]?.model ?? '', cores: cpus().length, node: process.version }
  return {
    workload,
    rooms,
    runs,
    at: { warmupMs, measureMs, precision: plan.precision ?? 'as in game.json', pinned, ...machine },
    ours: spreads(samples.ours),
    peers: of((peer) => spreads(samples[peer])),
    ratio: of(ratioTo),
    overloaded,
  }
}
