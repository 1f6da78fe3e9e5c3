// A creator's computer: the SSH programs of the rig's root, in a folder of their own. They reach the machine through a port of the loopback.
import { type ChildProcessByStdio, execFile, spawn } from 'node:child_process'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Readable, Writable } from 'node:stream'
import { promisify } from 'node:util'
import { mortal, ownFolder } from './ending.ts'
import { patient } from './patience.ts'
import { rootFolder } from './root.ts'

const LIMIT_MS = 60_000
const LONG_MS = 600_000 // of a session that a rule keeps open while it does other things
const CONNECT_S = 20
/** The root read-only, and over it the one folder that the programs write to. */
const ENTER = `mount --bind "$1" "$2" && mount -o remount,bind,ro "$2" && mount --bind /dev "$2/dev" && mount -t proc proc "$2/proc" && mount --bind "$3" "$2/mnt" && root=$2 && shift 3 && cd / && exec chroot "$root" "$@"`
const ALIAS = 'sandbox'

export interface Said {
  code: number
  output: string
}
export type Session = ChildProcessByStdio<Writable, Readable, Readable>

export class Client implements AsyncDisposable {
  #folder: string
  #remove: () => void
  #port: number
  #sessions = new Set<Session>()

  private constructor(folder: string, remove: () => void, port: number) {
    this.#folder = folder
    this.#remove = remove
    this.#port = port
  }

  /** `hostKey`: the server's public key, which alone is trusted. */
  static async open(port: number, hostKey: string): Promise<Client> {
    const { path: folder, remove } = ownFolder('sandlot-client')
    const client = new Client(folder, remove, port)
    for (const name of ['root', 'home']) await mkdir(join(folder, name), { mode: 0o700 })
    const [kind, key] = hostKey.split(' ')
    await client.write('host_key', hostKey)
    await client.write('known_hosts', `${ALIAS} ${kind} ${key}\n`)
    return client
  }

  /** A new key of that name; its public line. */
  async key(name: string): Promise<string> {
    const { code, output } = await this.run(
      'ssh-keygen',
      '-q',
      '-t',
      'ed25519',
      '-N',
      '',
      '-C',
      name,
      '-f',
      `/mnt/${name}`,
    )
    if (code !== 0) throw new Error(`ssh-keygen: ${output}`)
    return (await readFile(join(this.#folder, 'home', `${name}.pub`), 'utf8')).trim()
  }

  /** A file of this computer, at /mnt/NAME. */
  async write(name: string, content: string | Buffer, mode = 0o644): Promise<void> {
    await writeFile(join(this.#folder, 'home', name), content, { mode })
  }

  /** Where this computer's file of that name is for us. */
  path(name: string): string {
    return join(this.#folder, 'home', name)
  }

  read(name: string): Promise<string> {
    return readFile(join(this.#folder, 'home', name), 'utf8')
  }

  /** Lines for sftp; the first that fails ends it, as its exit code says. Paths of this computer begin with /mnt/. */
  sftp(user: string, key: string, batch: string): Promise<Said> {
    const session = this.session(
      'sftp',
      '-b',
      '-',
      '-P',
      String(this.#port),
      ...this.#options(key),
      `${user}@127.0.0.1`,
    )
    session.stdin.end(batch)
    return said(session)
  }

  /** `words` before and after the address. */
  ssh(user: string, key: string, options: string[], ...rest: string[]): Promise<Said> {
    return this.run('ssh', '-p', String(this.#port), ...this.#options(key), ...options, `${user}@127.0.0.1`, ...rest)
  }

  /** The words of an scp of /mnt/note.json; it asks for sftp unless the options say otherwise. */
  scp(user: string, key: string, option = '-s', to = '/note.json'): [string, ...string[]] {
    return ['scp', option, '-P', String(this.#port), ...this.#options(key), '/mnt/note.json', `${user}@127.0.0.1:${to}`]
  }

  /** sftp that stays: lines are written to it as a person would. */
  open(user: string, key: string): Session {
    return this.session('sftp', '-P', String(this.#port), ...this.#options(key), `${user}@127.0.0.1`)
  }

  /** An ssh that asks for sftp, to be spoken to in packets. It tells what it does. `variables` are of its environment. */
  subsystem(user: string, key: string, options: string[] = [], ...variables: string[]): Session {
    return this.#telling(variables, [...options, '-s'], user, key, 'sftp')
  }

  /** An ssh that asks for nothing but what `options` do, and stays. It tells what it does. */
  forwarding(user: string, key: string, ...options: string[]): Session {
    return this.#telling([], ['-N', ...options], user, key)
  }

  /** `options` count before ours. */
  #telling(variables: string[], options: string[], user: string, key: string, ...rest: string[]): Session {
    const words = ['ssh', '-v', ...options, '-p', String(this.#port), ...this.#options(key), `${user}@127.0.0.1`]
    return this.#start(LONG_MS, 'env', ...variables, ...words, ...rest)
  }

  async run(command: string, ...words: string[]): Promise<Said> {
    const session = this.session(command, ...words)
    session.stdin.end()
    return said(session)
  }

  session(command: string, ...words: string[]): Session {
    return this.#start(LIMIT_MS, command, ...words)
  }

  #start(timeout: number, command: string, ...words: string[]): Session {
    const at = (name: string) => join(this.#folder, name)
    const all = ['--mount', 'sh', '-c', ENTER, 'sh', rootFolder(), at('root'), at('home'), command, ...words]
    const env = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', HOME: '/mnt', LC_ALL: 'C.UTF-8' }
    const session = mortal(spawn('unshare', all, { env, stdio: ['pipe', 'pipe', 'pipe'], timeout: patient(timeout) }))
    session.stdin.on('error', () => {}) // it may end before it has read all
    this.#sessions.add(session)
    session.once('close', () => this.#sessions.delete(session))
    return session
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(
      [...this.#sessions].map((session) => {
        session.kill('SIGKILL')
        return said(session)
      }),
    )
    this.#remove()
  }

  #options(key: string): string[] {
    const options = [
      'IdentitiesOnly=yes',
      'IdentityAgent=none',
      'BatchMode=yes',
      `ConnectTimeout=${patient(CONNECT_S)}`,
      'StrictHostKeyChecking=yes',
      'UserKnownHostsFile=/mnt/known_hosts',
      `HostKeyAlias=${ALIAS}`,
      'LogLevel=ERROR',
    ]
    return ['-i', `/mnt/${key}`, '-F', 'none', ...options.flatMap((option) => ['-o', option])]
  }
}

/** All that it writes until it ends. */
export function said(session: Session): Promise<Said> {
  let output = ''
  for (const stream of [session.stdout, session.stderr])
    stream.on('data', (chunk) => {
      output += chunk
    })
  return new Promise((resolve) => session.once('close', (code) => resolve({ code: code ?? 255, output })))
}

/** The fingerprint of a public key, as people compare it. */
export async function fingerprint(file: string): Promise<string> {
  const { stdout } = await promisify(execFile)('ssh-keygen', ['-lf', file])
  return stdout.split(' ')[1]!
}
