// The peers are installed from their own lock file the first time the benchmark needs them, so the product does not depend on them.
import { spawnSync } from 'node:child_process'
import { existsSync, statSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** The folder of the peers, with a slash at its end. */
export const PEERS = fileURLToPath(new URL('peers/', import.meta.url))

/** Runs `npm ci` in the peers' folder unless what is installed there is newer than the lock file. Throws when npm fails. */
export function installPeers(): void {
  const installed = `${PEERS}node_modules/.package-lock.json` // written by npm when it is done
  const lock = `${PEERS}package-lock.json`
  if (existsSync(installed) && statSync(installed).mtimeMs >= statSync(lock).mtimeMs) return
  console.error('Installing the peers (Colyseus, ws) of the benchmark')
  const { status } = spawnSync('npm', ['ci', '--loglevel=error'], {
    cwd: PEERS,
    stdio: ['ignore', 'ignore', 'inherit'],
    env: withoutNpm(process.env),
  })
  if (status !== 0)
    throw new Error(`npm ci failed in ${PEERS}: see its message above; it needs a package registry once`)
}

/** What an npm that runs us has set would steer the npm we run (to the workspace at the root, say). */
function withoutNpm(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(env).filter(([name]) => !/^npm_(config_local_prefix|package_|lifecycle_)/.test(name)),
  )
}

if (process.argv[1] === fileURLToPath(import.meta.url)) installPeers() // npm run bench:peers: other benches use them too
