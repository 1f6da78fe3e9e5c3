// A Debian 13 as a folder, with the programs in the versions of NixOS 26.05, made once and kept outside of the checkout.
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { homedir, tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import type { Files } from './render.ts'

const run = promisify(execFile)
const MIRROR = 'http://deb.debian.org/debian'
const KEYS = '/usr/share/keyrings/debian-archive-keyring.gpg'
const SUITES = ['trixie', 'trixie-updates', 'trixie-backports']
/** From backports, since those of the release are older than what NixOS has. */
const NEWER = ['caddy', 'openssh-server', 'openssh-client', 'openssh-sftp-server']
export const PACKAGES = [
  ...[
    'systemd',
    'systemd-sysv',
    'systemd-userdbd',
    'libnss-systemd',
    'udev',
    'dbus',
    'polkitd',
    'iproute2',
    'nftables',
  ],
  ...[
    'postgresql-17',
    'caddy',
    'openssh-server',
    'ca-certificates',
    'linux-image-cloud-amd64',
    'initramfs-tools',
    'zstd',
  ],
]

/** Where roots are kept: SANDLOT_RIG, or a folder of the user's cache. */
export const cacheFolder = (): string => process.env.SANDLOT_RIG ?? join(homedir(), '.cache/sandlot/rig')
export const rootFolder = (): string => join(cacheFolder(), 'root')

/** Why the tools cannot be used here, or null. */
export function whyNoTools(): string | null {
  if (process.getuid?.() !== 0) return 'changing into a root of its own needs root'
  if (!existsSync(join(rootFolder(), 'etc/debian_version')))
    return 'there is no Debian 13 root: run `npm run test:vm -- --root`'
  return null
}

/** Makes the root unless it is there; minutes, and a network. Needs root and mmdebstrap. */
export async function makeRoot(): Promise<void> {
  if (!existsSync(join(rootFolder(), 'etc/debian_version'))) await makeDebian(rootFolder(), PACKAGES, NEWER)
}

/** A Debian 13 at `folder`, which appears when it is complete. `newer`: packages from backports. */
export async function makeDebian(
  folder: string,
  packages: readonly string[],
  newer: readonly string[] = [],
): Promise<void> {
  await mkdir(cacheFolder(), { recursive: true })
  const draft = await mkdtemp(join(cacheFolder(), '.draft-'))
  try {
    const pin = join(draft, 'pin')
    await writeFile(
      pin,
      newer.length === 0 ? '' : `Package: ${newer.join(' ')}\nPin: release n=trixie-backports\nPin-Priority: 600\n`,
    )
    await run(
      'mmdebstrap',
      [
        '--variant=minbase',
        '--format=directory',
        `--include=${packages.join(',')}`,
        `--setup-hook=mkdir -p "$1/etc/apt/preferences.d" && cp ${pin} "$1/etc/apt/preferences.d/sandlot"`,
        'trixie',
        join(draft, 'root'),
        ...SUITES.map((suite) => `deb [signed-by=${KEYS}] ${MIRROR} ${suite} main`),
      ],
      { maxBuffer: 2 ** 26 },
    )
    await rename(join(draft, 'root'), folder)
  } finally {
    await rm(draft, { recursive: true, force: true })
  }
}

/** The root with files of one machine laid over it. What programs write there is gone with it. */
export class Overlay {
  #folder: string

  private constructor(folder: string) {
    this.#folder = folder
  }

  static async open(files: Files): Promise<Overlay> {
    const folder = await mkdtemp(join(tmpdir(), 'sandlot-overlay-'))
    const overlay = new Overlay(folder)
    for (const name of ['upper', 'work', 'merged']) await mkdir(join(folder, name), { mode: 0o755 })
    for (const [path, text] of files) await overlay.write(path, text)
    return overlay
  }

  async write(path: string, text: string, mode = 0o644): Promise<void> {
    const place = join(this.#folder, 'upper', path)
    await mkdir(dirname(place), { recursive: true, mode: 0o755 })
    await writeFile(place, text, { mode })
  }

  /** Runs a program of the root in a mount namespace of its own. Never rejects for what the program says. */
  async run(command: string, ...words: string[]): Promise<{ code: number; output: string }> {
    const at = (name: string) => join(this.#folder, name)
    const options = `lowerdir=${rootFolder()},upperdir=${at('upper')},workdir=${at('work')}`
    const script = `mount -t overlay overlay -o "$1" "$2" && mount -t proc proc "$2/proc" && mount -t tmpfs tmpfs "$2/run" && mount --bind /dev "$2/dev" && root=$2 && shift 2 && exec chroot "$root" "$@"`
    const all = [
      '--mount',
      '--propagation',
      'private',
      'sh',
      '-c',
      script,
      'sh',
      options,
      at('merged'),
      command,
      ...words,
    ]
    try {
      const { stdout, stderr } = await run('unshare', all, {
        maxBuffer: 2 ** 24,
        env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' },
      })
      return { code: 0, output: stdout + stderr }
    } catch (error) {
      const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string }
      return { code, output: `${stdout}${stderr}` }
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.#folder, { recursive: true, force: true })
  }
}
