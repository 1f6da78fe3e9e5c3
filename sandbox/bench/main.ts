// Benchmarks: npm run bench -- NAME [--runs N] [--json FILE]. Prints medians with their range; nothing here passes or fails.
import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { type Figure, table } from './figures.ts'
import { start } from './start.ts'

const BENCHES: Record<string, (runs: number) => Promise<Record<string, Figure>>> = { start }

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { json: { type: 'string' }, runs: { type: 'string', default: '20' } },
})
const bench = BENCHES[positionals[0] ?? '']
const runs = Number(values.runs)
if (!bench || !(runs >= 1)) {
  console.error(`Usage: npm run bench -- ${Object.keys(BENCHES).join('|')} [--runs N] [--json FILE]`)
  process.exit(2)
}
const figures = await bench(runs)
console.log(table(figures))
if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(figures, null, 2)}\n`)
process.exit(0)
