// SFTP for development: one system sshd process a connection, fed over pipes, so that none outlives the supervisor.
import { accessSync, constants, existsSync, lstatSync, mkdirSync } from 'node:fs'
import { chmod, mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises'
import { createServer, type Server, type Socket } from 'node:net'
import { userInfo } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { close, listen } from '@sandlot/shared/listen.ts'
import type { Logger } from 'pino'
import type { SftpInfo } from './control.ts'
import { type Running, runCommand, startSession } from './process.ts'

const HOST = '127.0.0.1' // never further: see `why`
const MAX_SESSIONS = 20
const INSTALL = 'Install OpenSSH to use SFTP (on Debian and Ubuntu: apt install openssh-server), then start again.'

export interface SftpOptions {
  /** Ours: host key, configuration, keys. */
  folder: string
  /** The creators' folders. */
  games: string
  /** 0: any free port. */
  port: number
  log: Logger
}

export interface Access {
  owner: string
  /** Those of the owner's games that are here. */
  games: string[]
  keys: string[]
}

export interface Sftp {
  info(game: string): SftpInfo
  /**
   * Replaces the owner's keys, and the games that they open. Sessions that could reach more are cut. False: there is no room for so many
   * creators and keys, and the owner has no more than what is left of before.
   */
  setKeys(access: Access): Promise<boolean>
  /** The game is about to be removed: nobody reaches its folder any more. */
  forget(game: string): Promise<void>
  /** The games whose folders sessions can reach, and whether they are closed at the moment. */
  reach(): { game: string; isClosed: boolean }[]
  /** Until `open`, nobody reaches the folder; sessions that could are cut. */
  close(game: string): Promise<void>
  open(game: string): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

/** Of a developer's own computer: one login for all games, whose keys open what there is, as much as there is. */
const UNWATCHED = { forget: async () => {}, reach: () => [], close: async () => {}, open: async () => {} }

/** Only names the folders; `why` says what would make it a server. */
export function noSftp(games: string, why: string): Sftp {
  return {
    info: (game) => ({ command: null, why, folder: join(games, game) }),
    setKeys: async () => true,
    ...UNWATCHED,
    [Symbol.asyncDispose]: async () => {},
  }
}

/** Never throws for what the machine lacks: then there is no server, and `why` in its info says what to do. */
export async function openSftp(options: SftpOptions): Promise<Sftp> {
  const { folder, games, port, log } = options
  const sshd = findProgram('sshd', ['/usr/sbin', '/usr/local/sbin', '/opt/homebrew/sbin'])
  const keygen = findProgram('ssh-keygen', [])
  if (!sshd || !keygen) return noSftp(games, INSTALL)
  const root = process.getuid?.() === 0
  const unsafe = root ? unsafeForChroot(games) : null
  if (unsafe)
    return noSftp(games, `Running as root, SFTP needs a data folder that nobody else can change, and ${unsafe} is not.`)
  const files = {
    hostKey: join(folder, 'host_key'),
    config: join(folder, 'sshd_config'),
    authorized: join(folder, 'authorized_keys'),
    knownHosts: join(folder, 'known_hosts'),
    owners: join(folder, 'owners'),
  }
  await mkdir(files.owners, { recursive: true, mode: 0o700 })
  if (!existsSync(files.hostKey)) {
    const made = await runCommand(keygen, ['-q', '-t', 'ed25519', '-N', '', '-C', 'sandlot', '-f', files.hostKey])
    if (!made.ok) return noSftp(games, `ssh-keygen failed: ${made.message}`)
  }
  await writeFile(files.config, configText(files, root ? games : null), { mode: 0o600 })
  const checked = await check(sshd, files.config, root)
  if (!checked.ok) return noSftp(games, `sshd does not start: ${checked.message}`)
  const server = new SftpServer(sshd, files, log)
  await server.gather()
  let bound: number
  try {
    bound = await server.listen(port)
  } catch (error) {
    return noSftp(games, error instanceof Error ? error.message : String(error))
  }
  const [kind, key] = (await readFile(`${files.hostKey}.pub`, 'utf8')).split(' ')
  await writeFile(files.knownHosts, `[${HOST}]:${bound} ${kind} ${key}\n`, { mode: 0o600 })
  const { username } = userInfo()
  const why = root
    ? 'Of this computer only, and one login for all creators of this development server: a key opens the folders of all games, and nothing else.'
    : `Of this computer only. The login is ${username} itself, so a key opens everything that ${username} may read or write, not just this game: register only your own keys here.`
  return {
    info: (game) => {
      const place = root ? `/${game}` : join(games, game)
      const known = `UserKnownHostsFile=${quoteForSsh(files.knownHosts)}`
      const words = ['sftp', '-P', String(bound), '-o', known, `${username}@${HOST}:${place}`]
      return { command: words.map(quoteForShell).join(' '), why, folder: join(games, game) }
    },
    setKeys: ({ owner, keys }) => server.setKeys(owner, keys),
    ...UNWATCHED,
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  }
}

/** Paths: sshd's configuration, the keys it reads, and the folder with a file an owner that they come from. */
type Keys = { config: string; authorized: string; owners: string }

class SftpServer {
  #sshd: string
  #files: Keys
  #log: Logger
  #server: Server
  #sessions = new Map<Running, Socket>()

  constructor(sshd: string, files: Keys, log: Logger) {
    this.#sshd = sshd
    this.#files = files
    this.#log = log
    this.#server = createServer((socket) => this.#accept(socket))
  }

  async listen(port: number): Promise<number> {
    await listen(this.#server, { host: HOST, port }, 'SFTP_PORT')
    const address = this.#server.address()
    return typeof address === 'object' && address ? address.port : port
  }

  /** A session cannot tell which key opened it (one login for all), so all sessions end and honest clients come back. */
  async setKeys(owner: string, keys: string[]): Promise<boolean> {
    await replace(join(this.#files.owners, owner), keys.map((key) => `restrict ${key}\n`).join(''))
    await this.gather()
    this.#cut()
    return true
  }

  /** All owners' keys in the one file that sshd reads. */
  async gather(): Promise<void> {
    const { owners, authorized } = this.#files
    const names = (await readdir(owners)).filter((name) => !name.endsWith('.new')).sort()
    const lines = await Promise.all(names.map((name) => readFile(join(owners, name), 'utf8')))
    await replace(authorized, lines.join(''))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = close(this.#server)
    this.#cut()
    await Promise.all([...this.#sessions.keys()].map(({ exited }) => exited))
    await closed
  }

  #cut(): void {
    for (const [session, socket] of this.#sessions) {
      socket.destroy()
      session.kill('SIGKILL')
    }
  }

  #accept(socket: Socket): void {
    socket.on('error', () => socket.destroy()) // the client has gone
    if (this.#sessions.size >= MAX_SESSIONS) return void socket.destroy()
    const session = startSession(this.#sshd, ['-i', '-e', '-f', this.#files.config], this.#log)
    this.#sessions.set(session, socket)
    session.stdin.on('error', () => socket.destroy())
    socket.pipe(session.stdin)
    session.stdout.pipe(socket)
    session.exited.then(() => {
      this.#sessions.delete(session)
      socket.end()
    })
    socket.on('close', () => session.stdin.end())
  }
}

/** `chroot`: only root may lock a session in. */
function configText(files: { hostKey: string; authorized: string }, chroot: string | null): string {
  return [
    `HostKey ${quoteForSsh(files.hostKey)}`,
    `AuthorizedKeysFile ${quoteForSsh(files.authorized)}`,
    'StrictModes no', // it looks at the parents of our own folder; that one is ours alone
    'PidFile none',
    'UsePAM no',
    'AuthenticationMethods publickey',
    'PasswordAuthentication no',
    'KbdInteractiveAuthentication no',
    'PermitRootLogin prohibit-password',
    'DisableForwarding yes',
    'PermitTTY no',
    'PermitUserRC no',
    'PermitUserEnvironment no',
    'LoginGraceTime 20',
    'MaxAuthTries 6',
    'Subsystem sftp internal-sftp',
    'ForceCommand internal-sftp -u 0022 -P symlink,hardlink,copy-data',
    ...(chroot ? [`ChrootDirectory ${quoteForSsh(chroot).replaceAll('%', '%%')}`] : []),
    '',
  ].join('\n')
}

/** Older versions want an empty folder of root's that no package may have made on a machine where sshd is not a service. */
async function check(sshd: string, config: string, root: boolean): ReturnType<typeof runCommand> {
  const first = await runCommand(sshd, ['-t', '-f', config])
  const missing = first.ok ? null : /Missing privilege separation directory: (\/\S+)/.exec(first.message)?.[1]
  if (!missing || !root) return first
  mkdirSync(missing, { recursive: true, mode: 0o755 })
  return runCommand(sshd, ['-t', '-f', config])
}

/** The first folder on the way to `path` that somebody but root can change: OpenSSH then refuses to lock a session in. */
function unsafeForChroot(path: string): string | null {
  const { uid, mode } = lstatSync(path)
  if (uid !== 0 || mode & 0o022) return path
  return path === '/' ? null : unsafeForChroot(dirname(path))
}

function findProgram(name: string, more: string[]): string | undefined {
  const folders = [...(process.env.PATH ?? '').split(delimiter), ...more].filter((folder) => folder.startsWith('/'))
  return folders
    .map((folder) => join(folder, name))
    .find((path) => {
      try {
        accessSync(path, constants.X_OK)
        return true
      } catch {
        return false
      }
    })
}

async function replace(path: string, text: string): Promise<void> {
  await writeFile(`${path}.new`, text, { mode: 0o600 })
  await chmod(`${path}.new`, 0o600)
  await rename(`${path}.new`, path)
}

const quoteForSsh = (text: string): string => (/[\s"\\]/.test(text) ? `"${text.replaceAll(/["\\]/g, '\\$&')}"` : text)
const quoteForShell = (text: string): string =>
  /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`
