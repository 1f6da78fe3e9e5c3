// Whether this machine can run the rig; what is only not installed yet is installed, where it is Debian and we are root.
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'
import { makeRoot } from './root.ts'

const run = promisify(execFile)
const NEEDED = { 'nix-instantiate': 'nix-bin', mmdebstrap: 'mmdebstrap', ip: 'iproute2', nsenter: 'util-linux' }
const INSTALL_MS = 300_000

/** Tries what both machines need of the kernel: file systems laid over one another, control groups, networks of their own. */
const TRY = `
set -e
mount --make-rprivate /
mount -t overlay overlay -o "lowerdir=$1/lower,upperdir=$1/upper,workdir=$1/work" "$1/merged"
mount -t cgroup2 cgroup "$1/group"
mkdir "$1/group/rig-try"; rmdir "$1/group/rig-try"
ip link add name one type veth peer name other
ip link add switch type bridge
nft list ruleset > /dev/null 2>&1 || test ! -e /usr/sbin/nft
`

/** Why the rig cannot run here, or null. Makes the Debian root as well: minutes, the first time. */
export async function whyNotHere(): Promise<string | null> {
  if (process.getuid?.() !== 0) return 'it needs root'
  if (!existsSync('/usr/bin/apt-get')) return 'it needs Debian'
  return (await whyNotInstalled()) ?? (await whyNoSpaces()) ?? (await whyNoRoot())
}

async function whyNotInstalled(): Promise<string | null> {
  const folders = (process.env.PATH ?? '').split(delimiter)
  const missing = Object.entries(NEEDED).filter(([name]) => !folders.some((folder) => existsSync(join(folder, name))))
  if (missing.length === 0) return null
  const packages = missing.map(([, name]) => name)
  const options = { timeout: INSTALL_MS, env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } }
  try {
    await run('apt-get', ['-qq', 'update'], options)
    await run('apt-get', ['-qq', 'install', '--yes', '--no-install-recommends', ...packages], options)
    return null
  } catch (error) {
    return `${packages.join(', ')} could not be installed: ${lastLine(error)}`
  }
}

async function whyNoSpaces(): Promise<string | null> {
  const folder = await mkdtemp(join(tmpdir(), 'sandlot-try-'))
  try {
    for (const name of ['lower', 'upper', 'work', 'merged', 'group']) await mkdir(join(folder, name))
    await run('unshare', [
      '--mount',
      '--pid',
      '--fork',
      '--net',
      '--ipc',
      '--uts',
      '--cgroup',
      'sh',
      '-c',
      TRY,
      'sh',
      folder,
    ])
    return null
  } catch (error) {
    return `this machine may not make namespaces with file systems and networks of their own: ${lastLine(error)}`
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function whyNoRoot(): Promise<string | null> {
  try {
    await makeRoot()
    return null
  } catch (error) {
    return `the Debian root could not be made: ${lastLine(error)}`
  }
}

const lastLine = (error: unknown): string => {
  const { stderr, message } = error as { stderr?: string; message: string }
  return (stderr || message).trim().split('\n').at(-1)!
}
