// What the guards of client code cost: each loop is timed with and without them, in turn, in several processes, since what a JIT makes of a
// loop is its luck.
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { guarded } from '../../testing/guarded.ts'

/** Ratios of time: guarded by unguarded. `aim`: what the design asks for. */
export interface Ratio {
  ratio: number
  unguardedUs: number
  guardedUs: number
  aim: number
}
const AIM = 1.15
const PROCESSES = 5

/** The first five are what games do in a frame; the last is the worst there is, a loop of nothing but its guard. */
const LOOPS: Record<string, string> = {
  'for-of: move 500 things': `
    const things = Array.from({ length: 500 }, (_, i) => ({ x: i, y: i, vx: 1.5, vy: 2.5, alive: true }))
    export function run() {
      for (const thing of things) {
        thing.x += thing.vx * 0.016
        thing.y += thing.vy * 0.016
        if (thing.x > 800 || thing.x < 0) thing.vx = -thing.vx
        if (thing.y > 600 || thing.y < 0) thing.vy = -thing.vy
      }
      return things[3].x
    }`,
  'nested for: 80 things collide': `
    const things = Array.from({ length: 80 }, (_, i) => ({ x: i * 7 % 90, y: i * 13 % 70, hits: 0 }))
    export function run() {
      for (let i = 0; i < things.length; i++) {
        const a = things[i]
        for (let j = i + 1; j < things.length; j++) {
          const b = things[j]
          if (Math.hypot(a.x - b.x, a.y - b.y) < 3) a.hits++
        }
      }
      return things[0].hits
    }`,
  'while: a path through a grid': `
    const size = 40
    const walls = Array.from({ length: size * size }, (_, i) => i % 7 === 3 && i % 11 !== 0)
    export function run() {
      const distance = new Array(size * size).fill(-1)
      const open = [0]
      distance[0] = 0
      while (open.length > 0) {
        const at = open.pop()
        for (const step of [1, -1, size, -size]) {
          const next = at + step
          if (next < 0 || next >= size * size || walls[next] || distance[next] >= 0) continue
          distance[next] = distance[at] + 1
          open.push(next)
        }
      }
      return distance[size * size - 1]
    }`,
  'for: fill a grid of numbers': `
    const cells = new Float64Array(4096)
    export function run() {
      for (let i = 0; i < cells.length; i++) cells[i] = cells[i] * 0.5 + i
      return cells[9]
    }`,
  'callbacks: map, filter and sort': `
    const things = Array.from({ length: 200 }, (_, i) => ({ name: 'thing' + i, score: i * 7 % 31 }))
    export function run() {
      const best = things.filter((thing) => thing.score > 9).sort((a, b) => b.score - a.score)
      return best.map((thing) => thing.name.toUpperCase() + ': ' + Math.round(thing.score)).join()
    }`,
  'worst: an empty loop': `
    const n = globalThis.turns ?? 20000
    export function run() {
      let sum = 0
      for (let i = 0; i < n; i++) sum = (sum + i) | 0
      return sum
    }`,
}

const MEASURE = `
import { makeGuard, GUARD } from '@guard'
Object.defineProperty(globalThis, GUARD, { value: makeGuard({ limitMs: 1e9, now: performance.now.bind(performance), later: setImmediate }) })
const forms = [await import('./plain.mjs'), await import('./guarded.mjs')]
const best = [Infinity, Infinity]
const runs = Number(process.argv[2])
for (let round = 0; round < runs; round++) {
  for (const [i, { run }] of forms.entries()) {
    const until = performance.now() + 15
    while (performance.now() < until) {
      const start = performance.now()
      for (let k = 0; k < 5; k++) run()
      best[i] = Math.min(best[i], (performance.now() - start) / 5)
    }
  }
  await new Promise(setImmediate)
}
console.log(JSON.stringify(best))`

/** The least time of each form in a process counts: what a busy machine adds is noise. Of the processes, the one with the median ratio. */
export async function guardOverhead(runs: number): Promise<Record<string, Ratio>> {
  const folder = mkdtempSync(join(tmpdir(), 'sandlot-bench-'))
  const figures: Record<string, Ratio> = {}
  try {
    writeFileSync(
      join(folder, 'measure.mjs'),
      MEASURE.replace('@guard', import.meta.resolve('@sandlot/shared/guard.ts')),
    )
    for (const [name, source] of Object.entries(LOOPS)) {
      writeFileSync(join(folder, 'plain.mjs'), source)
      writeFileSync(join(folder, 'guarded.mjs'), guarded(source, 'client.js', 'module').code)
      const times: [number, number][] = []
      for (let i = 0; i < PROCESSES; i++) {
        const { stdout } = await promisify(execFile)(process.execPath, [join(folder, 'measure.mjs'), String(runs)])
        times.push(JSON.parse(stdout))
      }
      const [plain, withGuards] = times.sort((x, y) => x[1] / x[0] - y[1] / y[0])[(PROCESSES - 1) / 2]!
      figures[name] = {
        ratio: round(withGuards / plain),
        unguardedUs: round(plain * 1000),
        guardedUs: round(withGuards * 1000),
        aim: AIM,
      }
    }
  } finally {
    rmSync(folder, { recursive: true })
  }
  return figures
}

const round = (value: number): number => Math.round(value * 100) / 100
