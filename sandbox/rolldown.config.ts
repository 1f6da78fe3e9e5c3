// Bundles what runs in many processes or is started while somebody waits: the game host, the child that makes a build, the trusted code inside
// every isolate, the rules of games that have none, and what opens and shuts creators' folders.
// A bundle starts in half the time and memory of its sources, because no types are stripped and few files are opened.
import type { BuildOptions, Plugin } from 'rolldown'

const path = (name: string) => new URL(name, import.meta.url).pathname
const dir = path('dist')

/**
 * An import of node:http reads all that it exports, and some of that loads Node's own fetch and WebSocket: 4 MiB and a sixth of the processor
 * time of a start, for every game. So the bundles take what they need, and nothing else, from the module itself.
 */
const httpAlone: Plugin = {
  name: 'http-alone',
  resolveId: (id) => (id === 'node:http' ? '\0http' : null),
  load: (id) =>
    id === '\0http' ? "export const { createServer, STATUS_CODES } = process.getBuiltinModule('node:http')" : null,
}

export default [
  {
    input: { host: path('host/main.ts'), build: path('build/main.ts') },
    platform: 'node',
    plugins: [httpAlone],
    external: ['isolated-vm', '@parcel/watcher'], // native code
    // All in one folder beside the sources' folders, so that `../browser/dist` means the same to both.
    output: { dir, format: 'esm', entryFileNames: '[name].js', chunkFileNames: '[name]-[hash].js' },
  },
  {
    input: { accounts: path('accounts/main.ts') },
    platform: 'node',
    output: { dir, format: 'esm', entryFileNames: '[name].js' },
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
