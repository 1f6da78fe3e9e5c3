// The peers are installed from their own lock file the first time the benchmark needs them, so the product does not depend on them.
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** The folder of the peers, with a slash at its end. */
export const PEERS = fileURLToPath(new URL('peers/', import.meta.url))

/** Runs `npm ci` in the peers' folder unless it has been done for this very lock file. Throws when npm fails. */
export function installPeers(): void {
  const done = `${PEERS}node_modules/.installed` // the lock file it was done for; times of files say nothing after a checkout
  const lock = readFileSync(`${PEERS}package-lock.json`, 'utf8')
  if (existsSync(done) && readFileSync(done, 'utf8') === lock) return
  console.error('Installing the peers (Colyseus, ws) of the benchmark')
  const { status } = spawnSync('npm', ['ci', '--loglevel=error'], {
    cwd: PEERS,
    stdio: ['ignore', 'ignore', 'inherit'],
    env: withoutNpm(process.env),
  })
  if (status !== 0)
    throw new Error(`npm ci failed in ${PEERS}: see its message above; it needs a package registry once`)
  writeFileSync(done, lock)
}

/** What an npm that runs us has set would steer the npm we run (to the workspace at the root, say). */
function withoutNpm(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(env).filter(([name]) => !/^npm_(config_local_prefix|package_|lifecycle_)/.test(name)),
  )
}

if (process.argv[1] === fileURLToPath(import.meta.url)) installPeers() // npm run bench:peers: other benches use them too
