// What a benchmark says is only worth reading if it would have noticed a wrong answer.
import { describe, expect, it } from 'vitest'
import { compare, type Figures, type Result } from './compare.ts'
import type { Outcome } from './hostile/hostile.ts'
import { verdict } from './hostile/verdict.ts'
import { Packer, Unpacker } from './peers/pack.mjs'
import { markdown, svg } from './report.ts'
import { startOurs } from './targets/ours.ts'
import { fill, inputs, measure, Overload, verify } from './workloads/crew.ts'
import { quantile } from './workloads/plan.ts'

it('a run measures the real host under load and verifies every client; a client that has something else fails it', async () => {
  const server = await startOurs({ game: 'arena', precision: undefined, profile: undefined })
  try {
    const crew = await fill(server, 2, 3)
    crew.players[1]!.live = false // decodes only at the end
    const stop = inputs(crew.players)
    const sample = await measure(server, crew, 600)
    stop()
    expect(sample.ackP50).toBeGreaterThan(0)
    expect(sample.bytesPerClientPerSecond).toBeGreaterThan(0)
    expect(sample.rssPerRoomKiB).toBeGreaterThan(0)
    expect(await verify(server, crew)).toEqual({ verified: 6 })
    const elsewhere = { ...server, seen: (report: object) => ({ ...report, bullets: [] }) as never }
    await expect(verify(elsewhere as typeof server, crew, 50)).rejects.toThrow(/^WRONG: the client p\w+ has/)
  } finally {
    await server.stop()
  }
})

it('a server that does not answer any more is told apart from one that is wrong', async () => {
  const server = await startOurs({ game: 'arena', precision: undefined, profile: undefined })
  try {
    const crew = await fill(server, 1, 2)
    process.kill(server.pid, 'SIGSTOP')
    await expect(verify(server, crew, 50)).rejects.toThrow(Overload)
    process.kill(server.pid, 'SIGCONT')
    expect(await verify(server, crew)).toEqual({ verified: 2 })
  } finally {
    process.kill(server.pid, 'SIGCONT')
    await server.stop()
  }
})

it('a figure that a workload does not have is left out of its result', async () => {
  const plan = { workload: 'w3', rooms: 1, warmupMs: 100, measureMs: 1_200, drainMs: 0 } as const
  const { ours } = await compare({ ...plan, precision: undefined, profile: undefined }, 1, ['ours'])
  expect(ours.requestMean?.median).toBeGreaterThan(0)
  expect(ours).not.toHaveProperty('ackP50')
})

it('what raw ws unpacks is what it packed: added, changed and removed rows, newcomers, masks of one and of two bytes', () => {
  const wide = Object.fromEntries(Array.from({ length: 10 }, (_, i) => [`f${i}`, 'uint32'])) as Record<string, 'uint32'>
  const tables = [{ x: 'float32' as const, n: 'uint8' as const }, wide]
  const packer = new Packer(tables)
  const client = new Unpacker(tables)
  const row = (n: number) => Object.fromEntries(Object.keys(wide).map((name, i) => [name, n * i]))
  const rows: Map<number, Record<string, number>>[] = [new Map([[300, { x: 1.5, n: 7 }]]), new Map([[0, row(1)]])]
  const send = () => {
    const bytes = packer.delta(rows)
    if (bytes) client.apply(bytes)
    return bytes?.length
  }
  expect(send()).toBeGreaterThan(0)
  expect(client.rows).toEqual(rows)
  expect(send()).toBeUndefined()
  rows[0]!.set(300, { x: 1.5, n: 8 }).set(1, { x: Math.fround(0.1), n: 0 })
  rows[1]!.set(0, { ...row(1), f9: 4_000_000_000 })
  send()
  expect(client.rows).toEqual(rows)
  rows[0]!.delete(300)
  send()
  expect(client.rows).toEqual(rows)
  const newcomer = new Unpacker(tables)
  newcomer.apply(packer.full())
  expect(newcomer.rows).toEqual(rows)
})

it('quantiles are taken from the sorted samples, and of no samples there is none', () => {
  expect(quantile([10, 9, 2], 0.5)).toBe(9)
  expect(quantile([1, 2, 3, 100], 0.99)).toBe(100)
  expect(quantile([], 0.5)).toBeNaN()
})

it('a result is shown with medians, ranges and ratios, as text and as a picture', () => {
  const figures: Figures = { cpuCores: { median: 0.25, min: 0.2, max: 0.3 } }
  const ratio: Figures = { cpu: { median: 2, min: 1.5, max: 2.5 } }
  const result: Result = {
    workload: 'w1',
    rooms: 10,
    runs: 3,
    at: { warmupMs: 1000, measureMs: 3000, precision: '2', pinned: true, cpu: 'test', cores: 2, node: 'v24' },
    ours: figures,
    peers: { colyseusDefault: {}, colyseusTuned: figures, raw: {} },
    ratio: { colyseusDefault: {}, colyseusTuned: ratio, raw: {} },
    overloaded: { raw: 'w1 on raw: waited 30 s in vain for a report' },
  }
  expect(markdown(result)).toContain('| server, cores | 0.25 (0.2 to 0.3) | 0.25 (0.2 to 0.3) |')
  expect(markdown(result)).toContain('| cpu | 2 (1.5 to 2.5) |')
  expect(markdown(result)).toContain('Not measured: w1 on raw: waited 30 s in vain for a report.')
  expect(svg(result).match(/<rect [^>]*fill="#2f6fde"/g)).toHaveLength(2) // in the legend and a bar
})

describe('the verdict of the hostile benchmark', () => {
  const fine: Outcome = {
    attack: 'endless loop',
    othersMaxGapMs: 80,
    othersLostRooms: 0,
    siblingsMaxGapMs: 900,
    siblingsLostRooms: 0,
    endedMs: 1_100,
    reason: 'room stuck',
    driverLagMs: 12,
  }
  const quiet = { ...fine, attack: 'none', endedMs: null, reason: '' }

  it('is that the aims hold when they do', () => {
    expect(verdict([quiet, fine]).match(/^holds: /gm)).toHaveLength(3)
  })

  it.each<[string, Partial<Outcome>, RegExp]>([
    ['a gap', { othersMaxGapMs: 101 }, /^MISSED: .* gap over 100 ms: bad$/m],
    ['a room', { othersLostRooms: 1 }, /^MISSED: no room .*: bad$/m],
    ['the time', { endedMs: 3_001 }, /^MISSED: every attack .*: bad$/m],
    ['the reason', { reason: '' }, /^MISSED: every attack .*: bad$/m],
    ['an attack that could not be measured', { othersMaxGapMs: null }, /^MISSED: .* gap over 100 ms: bad$/m],
    ['an own delay', { othersMaxGapMs: 101, driverLagMs: 60 }, /^open: .* held up: bad$/m],
  ])('names the attack in which %s was not as it should be', (_what, change, line) => {
    const text = verdict([quiet, fine, { ...fine, attack: 'bad', ...change }])
    expect(text).toMatch(line)
    expect(text.match(/^holds: /gm)).toHaveLength(2)
  })
})
