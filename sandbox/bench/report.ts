// A result as a table in Markdown and as a picture.
import type { Figures, Result, Spread } from './compare.ts'
import { TARGETS, type TargetName } from './targets/target.ts'
import { WORKLOADS } from './workloads/plan.ts'

const NAMES: Record<TargetName, string> = {
  ours: 'Sandlot',
  colyseusDefault: 'Colyseus default (ws)',
  colyseusTuned: 'Colyseus tuned (ws)',
  raw: 'raw ws, trusted',
}
const COLOURS: Record<TargetName, string> = {
  ours: '#2f6fde',
  colyseusDefault: '#b9a2dc',
  colyseusTuned: '#7d54b8',
  raw: '#8a8f98',
}
/** What is shown of a figure's name. */
const LABELS: Record<string, string> = {
  cpuCores: 'server, cores',
  loadCores: 'load generator, cores',
  rssMiB: 'RSS, MiB',
  rssPerRoomKiB: 'RSS a room, KiB',
  ackP50: 'ack p50, ms',
  ackP95: 'ack p95, ms',
  ackP99: 'ack p99, ms',
  gapP99: 'state gap p99, ms',
  gapMax: 'state gap max, ms',
  bytesPerClientPerSecond: 'bytes/s to a client',
  bytesSentPerClientPerSecond: 'bytes/s from a client',
  statesPerClientPerSecond: 'states/s to a client',
  cpuMicrosecondsPerState: 'server CPU a state sent, us',
  bytesPerState: 'bytes a state sent',
  createP50: 'create p50, ms',
  createP99: 'create p99, ms',
  firstStateP50: 'create to first state p50, ms',
  joinP50: 'join p50, ms',
  joinP99: 'join p99, ms',
  requestMean: 'request mean, ms',
  requestP99: 'request p99, ms',
  megabitsPerSecond: 'Mbit/s, both ways',
  idleCpuCoresPer1000Rooms: 'idle cores for 1,000 rooms',
  idleBytesPerClientPerSecond: 'idle bytes/s to a client',
  rssAfterDrainShare: 'RSS after / before',
  handlesAfterDrain: 'handles left',
}

const figuresOf = (result: Result, target: TargetName): Figures =>
  target === 'ours' ? result.ours : result.peers[target]
const ran = (result: Result): TargetName[] =>
  TARGETS.filter((target) => Object.keys(figuresOf(result, target)).length > 0)
const rowsOf = (result: Result): string[] => Object.keys(LABELS).filter((name) => name in result.ours)
const show = (value: number): string => value.toLocaleString('en-GB', { maximumSignificantDigits: 3 })

/** Medians with their range, then the ratios. */
export function markdown(result: Result): string {
  const targets = ran(result)
  const cell = (spread: Spread | undefined) =>
    spread === undefined ? '' : `${show(spread.median)} (${show(spread.min)} to ${show(spread.max)})`
  const line = (cells: string[]) => `| ${cells.join(' | ')} |`
  const table = (head: string[], rows: string[][]) =>
    [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
  const figures = rowsOf(result).map((name) => [
    LABELS[name]!,
    ...targets.map((target) => cell(figuresOf(result, target)[name])),
  ])
  const peers = targets.filter((target) => target !== 'ours')
  const names = [...new Set(peers.flatMap((peer) => Object.keys(result.ratio[peer])))]
  const ratios = names.map((name) => [name, ...peers.map((peer) => cell(result.ratio[peer][name]))])
  const { warmupMs, measureMs, precision, cpu, cores, node } = result.at
  const about = `${result.runs} rounds, ${warmupMs / 1000} s warm-up, ${measureMs / 1000} s measured, precision ${precision}; ${cores} x ${cpu}, Node ${node}`
  return [
    `${WORKLOADS[result.workload].title}; ${result.rooms} rooms${result.workload === 'w5' ? ' a second' : ''}. ${about}.`,
    table(['median (range)', ...targets.map((target) => NAMES[target])], figures),
    ...(peers.length > 0 ? [table(['Sandlot divided by', ...peers.map((peer) => NAMES[peer])], ratios)] : []),
    ...Object.values(result.overloaded).map((why) => `Not measured: ${why}.`),
  ].join('\n\n')
}

const WIDTH = 760
const LEFT = 190
const BAR = 13
const CHARTED = [
  'cpuCores',
  'cpuMicrosecondsPerState',
  'rssPerRoomKiB',
  'ackP50',
  'ackP99',
  'gapP99',
  'bytesPerClientPerSecond',
  'createP50',
  'joinP50',
  'requestMean',
  'idleCpuCoresPer1000Rooms',
]

/** A picture: for each figure one bar a target, as long as its median, with its range as a line. */
export function svg(result: Result): string {
  const targets = ran(result)
  const parts: string[] = []
  let y = 58
  for (const name of rowsOf(result).filter((row) => CHARTED.includes(row))) {
    const spreads = targets.map((target) => figuresOf(result, target)[name])
    const largest = Math.max(...spreads.map((spread) => spread?.max ?? 0))
    const x = (value: number) => (LEFT + (largest > 0 ? value / largest : 0) * (WIDTH - LEFT - 90)).toFixed(1)
    parts.push(
      `<text x="${LEFT - 10}" y="${y + (targets.length * BAR) / 2 + 4}" text-anchor="end">${LABELS[name]}</text>`,
    )
    targets.forEach((target, i) => {
      const spread = spreads[i]
      if (!spread) return
      const top = y + i * BAR
      const middle = top + BAR / 2 - 1
      parts.push(
        `<rect x="${LEFT}" y="${top}" width="${(Number(x(spread.median)) - LEFT).toFixed(1)}" height="${BAR - 2}" fill="${COLOURS[target]}"/>`,
        `<path d="M${x(spread.min)} ${middle}H${x(spread.max)}" stroke="#20242c" stroke-width="1.5"/>`,
        `<text x="${Number(x(spread.max)) + 5}" y="${top + BAR - 3}" font-size="10">${show(spread.median)}</text>`,
      )
    })
    y += targets.length * BAR + 12
  }
  const legend = targets.map((target, i) => {
    const at = 12 + i * 170
    return `<rect x="${at}" y="32" width="11" height="11" fill="${COLOURS[target]}"/><text x="${at + 16}" y="42">${NAMES[target]}</text>`
  })
  const title = `${WORKLOADS[result.workload].title} (${result.rooms}${result.workload === 'w5' ? ' a second' : ''})`
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${y}" font-family="sans-serif" font-size="12" fill="#20242c">
<rect width="${WIDTH}" height="${y}" fill="#fff"/>
<text x="12" y="20" font-size="14" font-weight="bold">${title}</text>
${[...legend, ...parts].join('\n')}
</svg>
`
}
