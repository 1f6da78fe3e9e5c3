// Makes the disk of one virtual machine: the Debian root, the files rendered from nix/appliance, the application, and what only a rig has.
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { Machine } from './appliance.ts'
import { type Files, render, wanted } from './render.ts'
import { rootFolder } from './root.ts'

const run = promisify(execFile)
const TOP = fileURLToPath(new URL('../..', import.meta.url))
const SIZES = { system: '4G', data: '3G' } // sparse
const POSTGRES = '/etc/postgresql/17/main'
const OURS = ['package.json', 'tsconfig.json', 'shared', 'sandbox', 'bridge', 'website']
/** Units of the distribution that ours stand in for, and what would keep a machine busy that lives for minutes. */
const MASKED = [
  'ssh.service',
  'ssh.socket',
  'caddy.service',
  'apt-daily.timer',
  'apt-daily-upgrade.timer',
  'e2scrub_all.timer',
]
const ENABLED = ['rig-shell.service', 'systemd-networkd.service', 'nftables.service']
/** A root shell for the rig alone: on a virtual port, so that no network and no login has a part in it. Such a port is opened once. */
const SHELL = `[Unit]
Description=The rig's own shell
StartLimitIntervalSec=0
[Service]
ExecStart=/bin/sh -c 'exec /bin/sh <>/dev/virtio-ports/rig >&0 2>&1'
Restart=always
RestartSec=1
[Install]
WantedBy=multi-user.target
`

/** /var is mounted as nix/images.nix has it, and grows with its disk. */
const FSTAB = `/dev/nvme0n1 / ext4 rw 0 0
/dev/vda /var ext4 nosuid,nodev,x-systemd.growfs 0 0
`
/** Units of the distribution that a machine for minutes has no use for; each costs an emulated one a second or more. */
const IDLE = [
  'apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer fstrim.timer systemd-tmpfiles-clean.timer',
  'getty.target getty@tty1.service serial-getty@ttyS0.service systemd-logind.service systemd-user-sessions.service',
  'dev-hugepages.mount dev-mqueue.mount sys-kernel-debug.mount sys-kernel-tracing.mount sys-fs-fuse-connections.mount',
  'sys-kernel-config.mount proc-sys-fs-binfmt_misc.automount systemd-binfmt.service kmod-static-nodes.service',
  'modprobe@.service modprobe@drm.service modprobe@configfs.service modprobe@fuse.service modprobe@efi_pstore.service',
  'ldconfig.service systemd-firstboot.service systemd-hwdb-update.service systemd-journal-catalog-update.service',
  'systemd-hibernate-clear.service systemd-machine-id-commit.service systemd-pstore.service systemd-update-done.service',
  'systemd-tpm2-setup-early.service systemd-tpm2-setup.service systemd-pcrmachine.service systemd-pcrphase.service',
  'systemd-pcrphase-sysinit.service systemd-ask-password-console.path systemd-ask-password-wall.path',
].flatMap((line) => line.split(' '))
/** Looks at the devices that there are any drivers to load for, instead of all. */
const TRIGGER = `[Service]
ExecStart=
ExecStart=udevadm trigger --type=devices --action=add --subsystem-match=virtio --subsystem-match=virtio-ports --subsystem-match=net --subsystem-match=block
`
/** Of the distribution, and of no use here. */
const GENERATORS = [
  'systemd-ssh-generator',
  'systemd-tpm2-generator',
  'systemd-gpt-auto-generator',
  'systemd-cryptsetup-generator',
]
const FILL = `set -e
mount -t overlay overlay -o "$1" "$2"
truncate -s "$6" "$5"; mke2fs -q -F -t ext4 -L var -d "$2/var" "$5"
mount -t tmpfs -o mode=755 tmpfs "$2/var"
truncate -s "$4" "$3"; mke2fs -q -F -t ext4 -L system -d "$2" "$3"`

/** Hardware addresses of the two cards. */
export interface Cards {
  public: string
  link: string
}

/** Copies what the programs run from to `folder`/opt/sandlot: sources, built files, and the packages that are not for development. */
export async function application(folder: string): Promise<void> {
  const top = join(folder, 'opt/sandlot')
  await mkdir(join(top, 'node_modules/.bin'), { recursive: true })
  for (const name of OURS)
    await cp(join(TOP, name), join(top, name), {
      recursive: true,
      filter: (path) => !/\.test\.ts$|\/node_modules(\/|$)/.test(path),
    })
  const lock = JSON.parse(await readFile(join(TOP, 'node_modules/.package-lock.json'), 'utf8')) as {
    packages: Record<string, { dev?: boolean; devOptional?: boolean; link?: boolean; resolved?: string }>
  }
  for (const [path, { dev, link, resolved }] of Object.entries(lock.packages)) {
    const to = join(top, path)
    await mkdir(dirname(to), { recursive: true })
    if (link) await symlink(join('/opt/sandlot', resolved!), to)
    else if (!dev) await cp(join(TOP, path), to, { recursive: true, verbatimSymlinks: true })
  }
  await cp(process.execPath, join(top, 'node_modules/.bin/node'))
}

/** Writes to `folder` all that the machine has beyond the root and the application. */
export async function makeLayer(machine: Machine, cards: Cards, folder: string): Promise<void> {
  for (const [path, text] of all(machine, cards)) {
    await mkdir(dirname(join(folder, path)), { recursive: true })
    await writeFile(join(folder, path), text, { mode: path.startsWith('/usr/local/bin/') ? 0o755 : 0o644 })
  }
  const units = join(folder, 'etc/systemd/system')
  for (const name of MASKED) await symlink('/dev/null', join(units, name))
  const enabled = [...wanted(machine), ['multi-user.target', ENABLED] as const]
  for (const [target, names] of enabled) {
    await mkdir(join(units, `${target}.wants`), { recursive: true })
    for (const name of names) {
      const ours = machine.units[name] !== undefined || name.startsWith('rig-')
      await symlink(`${ours ? '/etc' : '/usr/lib'}/systemd/system/${name}`, join(units, `${target}.wants`, name))
    }
  }
}

/** Two raw disks: of the system, and of /var. */
export type Disks = Record<keyof typeof SIZES, string>

/** Makes both disks of a machine, each one file system. `layer` is what `application` made. Needs root. */
export async function makeDisks(machine: Machine, cards: Cards, layer: string, folder: string): Promise<Disks> {
  const disks = { system: join(folder, `${machine.name}.system`), data: join(folder, `${machine.name}.data`) }
  const place = await mkdtemp(join(folder, '.disk-'))
  const at = (name: string) => join(place, name)
  for (const name of ['upper', 'work', 'merged']) await mkdir(at(name), { mode: 0o755 })
  await makeLayer(machine, cards, at('upper'))
  for (const [path, text] of own(machine)) {
    await mkdir(dirname(join(at('upper'), path)), { recursive: true })
    await writeFile(join(at('upper'), path), text)
  }
  const masked = { system: IDLE.filter((name) => !MASKED.includes(name)), 'system-generators': GENERATORS }
  for (const [kind, names] of Object.entries(masked)) {
    const to = join(at('upper'), 'etc/systemd', kind)
    await mkdir(to, { recursive: true })
    for (const name of names) await symlink('/dev/null', join(to, name))
  }
  const options = `lowerdir=${layer}:${rootFolder()},upperdir=${at('upper')},workdir=${at('work')}`
  const words = [options, at('merged'), disks.system, SIZES.system, disks.data, SIZES.data]
  await run('unshare', ['--mount', 'sh', '-c', FILL, 'sh', ...words])
  await rm(place, { recursive: true, force: true })
  return disks
}

/** What a machine has that starts from disks: how they are mounted, and who it is (a machine without a name for itself looks at every unit first). */
const own = ({ name }: Machine): Files =>
  new Map([
    ['/etc/fstab', FSTAB],
    ['/etc/systemd/system/systemd-udev-trigger.service.d/rig.conf', TRIGGER],
    ['/etc/machine-id', `${createHash('sha256').update(name).digest('hex').slice(0, 32)}\n`],
  ])

function all(machine: Machine, cards: Cards): Files {
  const files = render(machine)
  for (const [name, script] of Object.entries(machine.commands)) files.set(`/usr/local/bin/${name}`, script)
  const network = (name: string, text: string) => files.set(`/etc/systemd/network/${name}`, text)
  for (const [name, address] of Object.entries(cards))
    network(`10-${name}.link`, `[Match]\nMACAddress=${address}\n[Link]\nName=${name}\n`)
  network(
    '20-public.network',
    '[Match]\nName=public\n[Network]\nAddress=10.0.2.15/24\nAddress=fd00:2::15/64\nGateway=10.0.2.2\nGateway=fd00:2::2\nIPv6AcceptRA=no\n',
  )
  const own = machine.name === 'website' ? '10.77.0.1' : '10.77.0.2'
  network(
    '20-link.network',
    `[Match]\nName=link\n[Link]\nRequiredForOnline=no\n[Network]\nAddress=${own}/30\nLinkLocalAddressing=no\nConfigureWithoutCarrier=yes\n`,
  )
  files.set('/etc/hostname', `${machine.name}\n`)
  files.set('/etc/hosts', '127.0.0.1 localhost\n::1 localhost\n')
  files.set('/etc/systemd/system/rig-shell.service', SHELL)
  if (machine.postgres) {
    const { settings, hba, ident } = machine.postgres
    const lines = Object.entries(settings).map(([name, value]) => `${name} = '${value}'\n`)
    files.set(`${POSTGRES}/conf.d/sandlot.conf`, lines.join(''))
    files.set(`${POSTGRES}/pg_hba.conf`, hba)
    files.set(`${POSTGRES}/pg_ident.conf`, ident)
  }
  return files
}
