// What is compiled from the sources: the programs of the game host, the runtime's page, the site's pages. `npm run build` makes all of it;
// `npm run dev` and the tests make what is missing or older than its sources.
import { readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import programs from '@sandlot/sandbox/rolldown.config.ts'
import { build as bundle } from 'rolldown'
import { build as buildPage } from 'vite'

const TOP = fileURLToPath(new URL('../../', import.meta.url))
const COMMON = ['shared', 'package-lock.json']
const API = ['sandbox/browser/game-api.d.ts', 'sandbox/host/server-api.d.ts'] // what the studio's editor completes
const page = (folder: string) => () => buildPage({ root: join(TOP, folder), logLevel: 'warn' })

const OUTPUTS = [
  {
    sources: ['sandbox/host', 'sandbox/build', 'sandbox/accounts', 'sandbox/rolldown.config.ts', ...COMMON],
    last: 'sandbox/dist/guest.js',
    make: async () => {
      await rm(join(TOP, 'sandbox/dist'), { recursive: true, force: true }) // names with hashes would pile up
      await bundle(programs)
    },
  },
  { sources: ['sandbox/browser', ...COMMON], last: 'sandbox/browser/dist/index.html', make: page('sandbox/browser') },
  { sources: ['website/web', ...API, ...COMMON], last: 'website/web/dist/index.html', make: page('website/web') },
]

/** Time of the last change below `path`, in milliseconds since 1970; what is built or installed there does not count. */
async function changedMs(path: string): Promise<number> {
  const info = await stat(path)
  if (!info.isDirectory()) return info.mtimeMs
  const names = (await readdir(path)).filter((name) => name !== 'dist' && name !== 'node_modules')
  return Math.max(info.mtimeMs, ...(await Promise.all(names.map((name) => changedMs(join(path, name))))))
}

/** Makes every output, or only those that are missing or out of date. Rejects with the compiler's message. */
export async function makeOutputs({ onlyStale }: { onlyStale: boolean }): Promise<void> {
  for (const { sources, last, make } of OUTPUTS) {
    if (onlyStale) {
      const changed = await Promise.all(sources.map((source) => changedMs(join(TOP, source))))
      const made = await stat(join(TOP, last)).catch(() => undefined)
      if (made && made.mtimeMs >= Math.max(...changed)) continue
    }
    await make()
  }
}

/** Vitest calls this before the first test. */
export default (): Promise<void> => makeOutputs({ onlyStale: true })

if (import.meta.main) await makeOutputs({ onlyStale: false })
