// Benchmarks; README.md says what they mean. Prints medians with their range; a run in which a client has not what the server has fails.
import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { client } from './client/client.ts'
import { compare } from './compare.ts'
import { table } from './figures.ts'
import { ATTACKS } from './hostile/attacks.ts'
import { hostileColyseus } from './hostile/colyseus.ts'
import { hostile, type Outcome } from './hostile/hostile.ts'
import { hostileTable, verdict } from './hostile/verdict.ts'
import { MAX_GAP_MS, ramp } from './ramp.ts'
import { markdown, svg } from './report.ts'
import { start } from './start.ts'
import { TARGETS, type TargetName } from './targets/target.ts'
import { WORKLOADS, type Workload } from './workloads/plan.ts'

const USAGE = `Usage: npm run bench -- ${Object.keys(WORKLOADS).join('|')} [--rooms N] [--quick] [--json FILE]
       npm run bench -- ramp [--quick] [--json FILE]
       npm run bench -- hostile [--rooms N] [--attack A,B] [--json FILE]
       npm run bench -- start|client [--runs N] [--json FILE]

  --rooms N        how many rooms (w5: how many a second)
  --quick          short runs, for a check: 1 s warm-up and 3 s measured instead of 10 s and 60 s
  --seconds N      measure for N seconds instead
  --runs N         rounds in alternation; default 3 (start: 20, client: 8)
  --json FILE      write the figures there, and a chart beside it
  --attack A,B     hostile: only these attacks, by name
  --only A,B       of ${TARGETS.join(', ')}
  --precision N    decimal places that our game declares instead of those in its game.json; none: none
  --profile DIR    write CPU profiles of our host there`

function fail(sentence: string): never {
  console.error(`${sentence}\n${USAGE}`)
  process.exit(2)
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    attack: { type: 'string' },
    json: { type: 'string' },
    only: { type: 'string' },
    precision: { type: 'string' },
    profile: { type: 'string' },
    quick: { type: 'boolean', default: false },
    rooms: { type: 'string' },
    runs: { type: 'string' },
    seconds: { type: 'string' },
  },
})
const count = (text: string | undefined, otherwise: number): number => {
  const value = text === undefined ? otherwise : Number(text)
  return value >= 1 ? value : fail(`"${text}" is not a number from 1 on`)
}
const name = positionals[0] ?? ''
const targets = (values.only?.split(',') ?? TARGETS) as TargetName[]
for (const target of targets) if (!TARGETS.includes(target)) fail(`There is no target "${target}".`)
const measureMs = 1000 * count(values.seconds, values.quick ? 3 : 60)
const { precision, profile, json } = values
const plan = {
  warmupMs: values.quick ? 1_000 : 10_000,
  measureMs,
  drainMs: values.quick ? 2_000 : 15_000,
  precision,
  profile,
}

async function write(text: string, result: object, chart?: string): Promise<void> {
  console.log(text)
  if (json === undefined) return
  writeFileSync(json, `${JSON.stringify(result, null, 2)}\n`)
  if (chart) writeFileSync(`${json.replace(/\.json$/, '')}.svg`, chart)
}

if (name === 'start') {
  const figures = await start(count(values.runs, 20))
  await write(table(figures), figures)
} else if (name === 'client') await write(...(await client(count(values.runs, 8))))
else if (name === 'hostile') {
  const attacks = ATTACKS.filter((attack) => values.attack?.split(',').includes(attack.name) ?? true)
  if (attacks.length === 0) fail(`There is no attack "${values.attack}".`)
  const rooms = count(values.rooms, 50)
  const outcomes: Outcome[] = []
  const onOutcome = (outcome: Outcome) => {
    outcomes.push(outcome)
    if (json !== undefined) writeFileSync(json, `${JSON.stringify(outcomes, null, 2)}\n`) // a run that is cut short has told this much
    console.error(`${outcome.attack}: ended ${outcome.endedMs ?? '-'} ms, others ${outcome.othersMaxGapMs ?? '-'} ms`)
  }
  await hostile({ rooms, attacks, onOutcome })
  const ours = [...outcomes]
  if (values.attack === undefined) {
    try {
      await hostileColyseus(rooms, onOutcome)
    } catch (error) {
      console.error(`Colyseus could not be asked: ${(error as Error).message}`)
    }
  }
  await write(`${hostileTable(outcomes)}\n\n${verdict(ours)}`, outcomes)
} else if (name === 'ramp') {
  const climbs = await ramp({ ...plan, rooms: count(values.rooms, 10) }, count(values.runs, 3), targets)
  const lines = Object.entries(climbs).map(
    ([target, { rooms, endedBy }]) => `${target}: ${rooms} rooms (ended by ${endedBy})`,
  )
  await write(`Rooms of 8 players at 20 Hz with a p99 gap of at most ${MAX_GAP_MS} ms\n${lines.join('\n')}`, {
    workload: 'ramp',
    maxGapMs: MAX_GAP_MS,
    ...climbs,
  })
} else if (name in WORKLOADS) {
  const workload = name as Workload
  const rooms = count(values.rooms, WORKLOADS[workload].rooms)
  const result = await compare({ ...plan, workload, rooms }, count(values.runs, 3), targets)
  await write(markdown(result), result, svg(result))
} else fail(name === '' ? 'Name a benchmark.' : `There is no benchmark "${name}".`)
process.exit(0)
