// One machine in namespaces of this kernel instead of a virtual one: seconds instead of minutes, with a systemd, users, mounts, processes and
// a network of its own. What it cannot show: limits of memory and of processes, where this kernel keeps those for the machine itself.
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, readdir, readFile, rm } from 'node:fs/promises'
import { createServer, type Server } from 'node:net'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'
import type { Machine } from './appliance.ts'
import { type Cards, makeLayer } from './disk.ts'
import { mortal } from './ending.ts'
import { Guest } from './guest.ts'
import { rootFolder } from './root.ts'
import { Wire } from './wire.ts'

const run = promisify(execFile)
const START_MS = 120_000
const POLL_MS = 200
const PUBLIC = '10.0.2.15'
const OUTSIDE = ['10.0.2.2/24', 'fd00:2::2/64']

/** Its root is laid together, its devices are the harmless ones, and then its systemd takes over as process 1. */
const BOOT = `
set -e
mount --make-rprivate /
mount -t overlay overlay -o "$1" "$2"
mkdir -p "$2/var/lib/sandlot"
mount --bind "$3" "$2/var/lib/sandlot" # not in the overlay, which cannot show one owner's files as another's
cd "$2"
mount -t proc proc proc
mount -t sysfs sysfs sys
mount -t cgroup2 cgroup sys/fs/cgroup
mount -t tmpfs -o mode=755 tmpfs run
mount -t tmpfs -o mode=755 tmpfs dev
for name in null zero full random urandom tty; do touch dev/$name; mount --bind /dev/$name dev/$name; done
mkdir dev/pts dev/shm run/old
mount -t devpts -o newinstance,ptmxmode=0666 devpts dev/pts
ln -s pts/ptmx dev/ptmx; ln -s /proc/self/fd dev/fd
mount -t tmpfs tmpfs dev/shm
ip link set lo up
ip link add name public type veth peer name outside
ip link add name link type veth peer name other
pivot_root . run/old
umount -l /run/old
mount --make-rshared /
exec env -i container=rig /sbin/init systemd.show_status=no </dev/null
`
/** In a control group of its own, which it takes for the root of all. */
const ENTER = `
set -e
mount --make-rprivate /
mkdir -p "$1"; mount -t cgroup2 cgroup "$1"
mkdir -p "$1/$2"; echo $$ > "$1/$2/cgroup.procs"; group=$1; shift 2
umount -l "$group"
exec unshare --cgroup --pid --fork --mount --ipc --uts --net --kill-child sh -c "$@"
`
/** Takes away the control group and all that systemd made in it. */
const LEAVE = 'mount -t cgroup2 cgroup "$1" && find "$1/$2" -depth -type d -exec rmdir {} +'
const RELAY = `const s=require('net').connect(+process.argv[2],process.argv[1]);s.on('error',()=>process.exit(1));process.stdin.pipe(s);s.pipe(process.stdout)`

export class Space extends Guest {
  #machine: Machine
  #folder: string
  #layer: string
  #process: ChildProcess | undefined
  #pid = 0
  #relays: Server[] = []
  #isMade = false
  #internet: Wire | undefined
  #link: Wire
  #said = ''
  #group: string

  /** `layer`: what disk.application made. `folder`: this machine's own, kept between starts. `link`: a switch. */
  constructor(machine: Machine, layer: string, folder: string, link: Wire) {
    super(machine.name)
    this.#machine = machine
    this.#layer = layer
    this.#folder = folder
    this.#link = link
    this.#group = `rig-${machine.name}-${process.pid}`
  }

  async start(cards: Cards): Promise<void> {
    const at = (name: string) => join(this.#folder, name)
    for (const name of ['upper', 'work', 'merged', 'group', 'data'])
      await mkdir(at(name), { recursive: true, mode: 0o755 })
    if (!this.#isMade) await makeLayer(this.#machine, cards, at('upper'))
    this.#isMade = true
    const options = `lowerdir=${this.#layer}:${rootFolder()},upperdir=${at('upper')},workdir=${at('work')}`
    const words = ['sh', '-c', ENTER, 'sh', at('group'), this.#group, BOOT, 'sh', options, at('merged'), at('data')]
    const child = mortal(spawn('unshare', ['--mount', ...words], { stdio: ['ignore', 'pipe', 'pipe'] }))
    this.#process = child
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk) => {
        this.#said += chunk
      })
    for (const endMs = Date.now() + START_MS; Date.now() < endMs; await delay(POLL_MS)) {
      if (child.exitCode !== null || child.signalCode !== null)
        throw new Error(`${this.name}: ${this.#said.slice(-2000)}`)
      const [pid] = (await readFile(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8').catch(() => '')).split(' ')
      const name = pid ? await readFile(`/proc/${pid}/comm`, 'utf8').catch(() => '') : ''
      if (name.trim() !== 'systemd') continue
      this.#pid = Number(pid)
      const { code } = await this.run('systemctl show --property=Version')
      if (code === 0) return this.#plugIn()
    }
    throw new Error(`${this.name}: its systemd did not answer in ${START_MS / 1000} s: ${this.#said.slice(-2000)}`)
  }

  /** After `powerOff`: the system is made anew, /var is kept or not. */
  async reset(data: 'kept' | 'new'): Promise<void> {
    const upper = join(this.#folder, 'upper')
    for (const name of await readdir(upper))
      if (name !== 'var' || data === 'new') await rm(join(upper, name), { recursive: true, force: true })
    if (data === 'new') await rm(join(this.#folder, 'data'), { recursive: true, force: true })
    this.#isMade = false
  }

  /** Both cards get their cables. The internet is a network with nothing on it but the rig, which comes from there to every port. */
  async #plugIn(): Promise<void> {
    this.#internet = await Wire.open(...OUTSIDE)
    await this.#internet.plug(this.#pid, 'outside')
    await this.#link.plug(this.#pid, 'other')
  }

  override async outside(program: string): Promise<string> {
    return (await run(...this.#internet!.enter(process.execPath, '-e', program))).stdout
  }

  /** A port of this machine's loopback that leads to `port` of the machine. */
  async forward(port: number): Promise<number> {
    const server = createServer((socket) => {
      const words = this.#internet!.enter(process.execPath, '-e', RELAY, PUBLIC, String(port))
      const relay = mortal(spawn(...words, { stdio: ['pipe', 'pipe', 'ignore'] }))
      socket.on('error', () => relay.kill())
      relay.stdin.on('error', () => {})
      socket.pipe(relay.stdin)
      relay.stdout.pipe(socket)
      socket.on('close', () => relay.kill())
    })
    this.#relays.push(server)
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    return (server.address() as { port: number }).port
  }

  async run(script: string, limitMs = 120_000): Promise<{ code: number; output: string }> {
    const all = ['--mount', '--pid', '--net', '--ipc', '--uts', '--cgroup']
    const words = ['--target', String(this.#pid), ...all, 'sh', '-c', `{ ${script}\n} 2>&1`]
    const env = { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' }
    try {
      const { stdout } = await run('nsenter', words, { env, timeout: limitMs, maxBuffer: 2 ** 24 })
      return { code: 0, output: stdout }
    } catch (error) {
      const { code, stdout } = error as { code: number | null; stdout: string }
      return { code: code ?? 124, output: stdout }
    }
  }

  async powerOff(): Promise<void> {
    const child = this.#process
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    const gone = once(child, 'exit')
    if (this.#pid) process.kill(this.#pid, 'SIGKILL')
    else child.kill('SIGKILL')
    await gone
    await this.#internet?.[Symbol.asyncDispose]()
    const group = join(this.#folder, 'group')
    await run('unshare', ['--mount', 'sh', '-c', LEAVE, 'sh', group, this.#group]).catch(() => {}) // best effort: empty groups cost nothing
  }

  override async [Symbol.asyncDispose](): Promise<void> {
    for (const server of this.#relays) server.close()
    await this.powerOff()
  }
}
