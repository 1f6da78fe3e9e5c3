import { svelte } from '@sveltejs/vite-plugin-svelte'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  plugins: [svelte({ configFile: false, compilerOptions: { runes: true } })], // for classes that think in *.svelte.ts
  test: {
    include: ['{shared,bridge,sandbox,website,nix}/**/*.test.ts'],
    exclude: ['**/node_modules/**', '**/dist/**'],
    globalSetup: [
      'website/dev/outputs.ts',
      'website/testing/setup.ts', // costs nothing until a test asks for a database
    ],
    setupFiles: ['shared/testing/clean.ts'],
    pool: 'forks',
    maxWorkers: 3, // on two cores: a third of the time goes into waiting for what has to take its time
    execArgv: ['--no-node-snapshot', '--disable-warning=ExperimentalWarning'], // isolated-vm asks for the first
    retry: process.env.CI ? 2 : 0, // waits have limits, and a machine that is busy with other things may pass one
    testTimeout: 60_000, // of a machine that is busy with other things; a wait that fails says after 30 s what for
    hookTimeout: 60_000,
  },
})
