// Bundles what runs in many processes: the game host, the child that makes a build, the trusted code inside every isolate, and the rules of games that
// have none.
// A bundle starts in half the time and memory of its sources, because no types are stripped and few files are opened.
import type { BuildOptions } from 'rolldown'

const path = (name: string) => new URL(name, import.meta.url).pathname
const dir = path('dist')

export default [
  {
    input: { host: path('host/main.ts'), build: path('build/main.ts') },
    platform: 'node',
    external: ['isolated-vm', '@parcel/watcher'], // native code
    // All in one folder beside the sources' folders, so that `../browser/dist` means the same to both.
    output: { dir, format: 'esm', entryFileNames: '[name].js', chunkFileNames: '[name]-[hash].js' },
  },
  {
    input: { relay: path('host/relay/main.ts') },
    platform: 'neutral',
    output: { dir, format: 'esm', entryFileNames: '[name].js' },
  },
  {
    input: { guest: path('host/guest/main.ts') },
    platform: 'neutral',
    output: { dir, format: 'esm', entryFileNames: '[name].js' },
  },
] satisfies BuildOptions[]
