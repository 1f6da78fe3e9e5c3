// Postgres refuses to run as root. When we are root, this finds whom to run it as, without adding a user to the machine.
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** How to start a program of Postgres. `wrap` goes before the command; `uid` and `gid`, when there are any, must own the data. */
export interface Account {
  wrap: string[]
  identity: { uid?: number; gid?: number }
}

async function ids(name: string): Promise<{ uid: number; gid: number } | undefined> {
  try {
    const [uid, gid] = await Promise.all(
      ['-u', '-g'].map(async (flag) => Number((await run('id', [flag, name])).stdout)),
    )
    return { uid: uid!, gid: gid! }
  } catch {
    return undefined // no such user here
  }
}

async function works({ wrap, identity }: Account, program: string, folder: string, env: NodeJS.ProcessEnv) {
  try {
    for (const command of [
      [program, '--version'],
      ['ls', folder],
    ]) {
      const [file, ...args] = [...wrap, ...command]
      await run(file!, args, { ...identity, env, cwd: '/' })
    }
    return true
  } catch {
    return false
  }
}

/**
 * Whom to run `program` as, with its data in `folder`. Anybody but root: themselves. Root: the user `postgres` or `nobody`, if they
 * reach both; else ourselves inside a user namespace where we are called `nobody` (a checkout under /root, for example).
 */
export async function databaseAccount(program: string, folder: string, env: NodeJS.ProcessEnv): Promise<Account> {
  if (process.getuid?.() !== 0) return { wrap: [], identity: {} }
  for (const name of ['postgres', 'nobody']) {
    const identity = await ids(name)
    if (identity && (await works({ wrap: [], identity }, program, folder, env))) return { wrap: [], identity }
  }
  const nobody = await ids('nobody')
  if (nobody) {
    const wrap = ['unshare', '--user', `--map-user=${nobody.uid}`, `--map-group=${nobody.gid}`, '--']
    if (await works({ wrap, identity: {} }, program, folder, env)) return { wrap, identity: {} }
  }
  throw new Error(
    `Postgres cannot run as root, and neither user "postgres" nor "nobody" can reach ${folder} and ${program}. ` +
      'Run as another user, keep data and checkout in folders that all may enter, or set DATABASE_URL.',
  )
}
