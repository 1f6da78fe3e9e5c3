import { svelte } from '@sveltejs/vite-plugin-svelte'
import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/**
 * Files that start no process and leave nothing changed behind them: they share a few processes, because to begin a process and to load the
 * modules in it takes ten times what most of them take. A new file belongs here when that is true of it.
 */
const UNITS = [
  'shared/**/*.test.ts',
  'website/web/**/*.test.ts',
  'website/server/control/{circuit,egress}.test.ts',
  'website/server/games/slug.test.ts',
  'sandbox/browser/{stage,worker}/*.test.ts',
  'sandbox/browser/{backoff,commands,feed,keyboard,markup,meter,problem,source-map,words}.test.ts',
  'sandbox/build/{guard,stateless}.test.ts',
  'sandbox/examples/*.test.ts',
  'sandbox/host/{credit,meters,mistakes,relay,room,schedule,strain,wire,writes}.test.ts',
  'sandbox/supervisor/{config,owners,places,slots,units,uploads}.test.ts',
]
/** Files that take all the processor time they get, from what is beside them: they run when all others are done. */
const GREEDY = [
  'sandbox/host/hostile/{memory,time}.test.ts',
  'sandbox/supervisor/race.test.ts',
  'sandbox/build/bombs.test.ts',
]
const NOT_OURS = ['**/node_modules/**', '**/dist/**']

const common = {
  setupFiles: ['shared/testing/clean.ts'],
  pool: 'forks' as const,
  execArgv: ['--no-node-snapshot', '--disable-warning=ExperimentalWarning'], // isolated-vm asks for the first
  retry: process.env.CI ? 1 : 0, // waits have limits, and a machine that is busy with other things may pass one
  testTimeout: 60_000, // of a machine that is busy with other things; a wait that fails says after 30 s what for
  hookTimeout: 60_000,
}

/** Large files first, as ever; before them the one that takes longest and is small, since its parts are in other files. */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files)
    const isLongest = ({ moduleId }: TestSpecification) => moduleId.endsWith('/e2e/site/site.test.ts')
    return [...sorted.filter(isLongest), ...sorted.filter((file) => !isLongest(file))]
  }
}

export default defineConfig({
  test: {
    globalSetup: [
      'website/dev/outputs.ts',
      'website/testing/setup.ts', // costs nothing until a test asks for a database
    ],
    maxWorkers: 3, // on two cores: a third of the time goes into waiting for what has to take its time
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        plugins: [svelte({ configFile: false, compilerOptions: { runes: true } })], // for classes that think in *.svelte.ts
        test: { ...common, name: 'units', include: UNITS, exclude: NOT_OURS, isolate: false },
      },
      {
        test: {
          ...common,
          name: 'processes',
          include: ['{shared,bridge,sandbox,website,nix}/**/*.test.ts'],
          exclude: [...NOT_OURS, ...UNITS, ...GREEDY],
        },
      },
      {
        test: {
          ...common,
          name: 'greedy',
          include: GREEDY,
          exclude: NOT_OURS,
          maxWorkers: 1,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
})
