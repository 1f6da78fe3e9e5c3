// One virtual machine under QEMU: started from a disk, spoken to through the rig's own shell, pulled the plug on.
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { accessSync, constants, existsSync, readFileSync } from 'node:fs'
import { stat, truncate } from 'node:fs/promises'
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'
import type { Cards, Disks } from './disk.ts'
import { emulator, kernel } from './emulator.ts'
import { mortal } from './ending.ts'
import { Guest } from './guest.ts'
import { beSlower, patient } from './patience.ts'

const BOOT_MS = 900_000 // an upper bound, for machines without KVM
const KVM_BOOT_MS = 60_000 // where it works, it takes seconds; where it cannot run a whole machine, it may spin for ever
const COMMAND_MS = 120_000
const POLL_MS = 200
const HELLO_MS = 120_000 // of a shell that starts on a slow machine; whoever hangs up earlier ends it, and has to wait for the next
const KVM = ['-accel', 'kvm', '-cpu', 'host,-arch-capabilities']
// It has what Linux and V8 need and nothing that costs more to emulate than it saves, such as AVX.
const TCG = ['-accel', 'tcg,thread=multi', '-cpu', 'qemu64,-svm']
const TCG_TIMES = 8
/** A machine that lives for minutes, and is one program for another computer to run, does without tests of itself and without surprises. */
const KERNEL =
  'root=/dev/nvme0n1 rootfstype=ext4 rw console=ttyS0 quiet panic=-1 mitigations=off nokaslr audit=0 selinux=0 apparmor=0 cryptomgr.notests 8250.nr_uarts=1 ' +
  'systemd.show_status=no systemd.unit=multi-user.target systemd.default_device_timeout_sec=900'

export interface VmOptions {
  name: string
  /** As they were made; the machine has copies. */
  disks: Disks
  cards: Cards
  /** Port of this machine's loopback -> port of the guest. */
  forwards: Record<number, number>
  /** The machine at the other end of the link. */
  peer: string
  memoryMiB: number
  /** For sockets and the console's log. */
  folder: string
}

export class Vm extends Guest {
  #options: VmOptions
  #process: ChildProcess | undefined
  #shell: Socket | undefined
  #unread = ''
  #turn: Promise<unknown> = Promise.resolve()
  static #kvm = true

  constructor(options: VmOptions) {
    super(options.name)
    this.#options = options
  }

  /** Powers it on, with KVM where that works. Resolves when its shell answers. Rejects with the end of the console's log. */
  async start(): Promise<void> {
    if (!existsSync(this.#disk('system'))) await this.reset('new')
    const ways = usable('/dev/kvm') && Vm.#kvm ? [KVM, TCG] : [TCG]
    for (const way of ways) {
      const trouble = await this.#boot(way)
      if (trouble === null) {
        if (way === TCG) beSlower(TCG_TIMES)
        return
      }
      await this.powerOff()
      if (way === TCG) throw new Error(`${this.name} did not boot: ${trouble}\n${this.console().slice(-2000)}`)
      Vm.#kvm = false // there is a device, and it cannot run a whole machine
    }
  }

  /** What went wrong, or null. */
  async #boot(accelerator: readonly string[]): Promise<string | null> {
    const { name, cards, forwards, peer, memoryMiB, folder } = this.#options
    const hosts = Object.entries(forwards).map(([from, to]) => `,hostfwd=tcp:127.0.0.1:${from}-:${to}`)
    const wire = (end: 'local' | 'remote', name: string) =>
      `${end}.type=unix,${end}.path=${join(folder, `${name}.link`)}`
    const path = join(folder, `${name}.sock`)
    const words = [
      ['-nodefaults', '-display', 'none', '-no-user-config', '-m', String(memoryMiB), '-smp', '1'],
      ['-kernel', await kernel()], // which has drivers for NVMe and ext4 built in: no initrd
      ['-append', KERNEL],
      // Linux names two disks of one kind in the order in which they answer; so they are of two kinds. What was written survives the plug.
      ['-drive', `file=${this.#disk('system')},if=none,id=system,format=raw,cache=unsafe`],
      ['-device', 'nvme,serial=system,drive=system'],
      ['-drive', `file=${this.#disk('data')},if=virtio,format=raw,cache=unsafe`],
      [
        '-netdev',
        `user,id=public,restrict=on${hosts.join('')}`,
        '-device',
        `virtio-net-pci,netdev=public,mac=${cards.public}`,
      ],
      [
        '-netdev',
        `dgram,id=link,${wire('local', name)},${wire('remote', peer)}`,
        '-device',
        `virtio-net-pci,netdev=link,mac=${cards.link}`,
      ],
      ['-serial', `file:${join(folder, `${name}.log`)}`, '-device', 'virtio-rng-pci', '-device', 'virtio-serial-pci'],
      ['-chardev', `socket,id=rig,path=${path},server=on,wait=off`, '-device', 'virtserialport,chardev=rig,name=rig'],
      accelerator,
    ]
    const [command, first] = emulator()
    const child = mortal(spawn(command, [...first, ...words.flat()], { stdio: ['ignore', 'ignore', 'pipe'] }))
    this.#process = child
    let said = ''
    child.stderr.on('data', (chunk) => {
      said += chunk
    })
    const limitMs = accelerator === KVM ? KVM_BOOT_MS : BOOT_MS
    for (const endMs = Date.now() + limitMs; Date.now() < endMs; await delay(POLL_MS)) {
      if (child.exitCode !== null || child.signalCode !== null || said.includes('KVM internal error')) return said
      if (await this.#connect(path, Math.min(HELLO_MS, endMs - Date.now()))) return null
    }
    return `its shell did not answer for ${limitMs / 1000} s`
  }

  /** Runs a script as root in the guest. */
  async run(script: string, limitMs = patient(COMMAND_MS)): Promise<{ code: number; output: string }> {
    const turn = this.#turn.then(() => this.#ask(script, limitMs))
    this.#turn = turn.catch(() => {})
    return turn
  }

  console(): string {
    return readFileSync(join(this.#options.folder, `${this.name}.log`), 'utf8')
  }

  /** After `powerOff`: the system is as it was made, /var is kept or not. */
  async reset(data: 'kept' | 'new'): Promise<void> {
    await this.#copy('system')
    if (data === 'new') await this.#copy('data')
  }

  /** After `powerOff`: makes the disk of /var larger by half. Resolves with its bytes. */
  async grow(): Promise<number> {
    const file = this.#disk('data')
    const { size } = await stat(file)
    await truncate(file, size * 1.5)
    return size * 1.5
  }

  #disk(name: keyof Disks): string {
    return `${this.#options.disks[name]}.used`
  }

  async #copy(name: keyof Disks): Promise<void> {
    await promisify(execFile)('cp', ['--sparse=always', '--reflink=auto', this.#options.disks[name], this.#disk(name)])
  }

  /** Pulls the plug. */
  async powerOff(): Promise<void> {
    const child = this.#process
    this.#shell?.destroy()
    this.#shell = undefined
    this.#process = undefined
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    const gone = once(child, 'exit')
    child.kill('SIGKILL')
    await gone
  }

  /** True when a shell answers on the other side; what the port held before is skipped. */
  async #connect(path: string, limitMs: number): Promise<boolean> {
    const socket = connect(path)
    try {
      await once(socket, 'connect')
    } catch {
      return false
    }
    this.#shell = socket
    this.#unread = ''
    socket.setEncoding('utf8').on('data', (chunk: string) => {
      this.#unread += chunk
    })
    socket.on('error', () => {})
    const answered = await this.#ask('true', limitMs).then(
      () => true,
      () => false,
    )
    if (!answered) socket.destroy()
    return answered
  }

  async #ask(script: string, limitMs: number): Promise<{ code: number; output: string }> {
    const mark = `--${Math.random().toString(36).slice(2)}--`
    const words = Buffer.from(script).toString('base64')
    this.#shell?.write(`sh -c "$(echo ${words} | base64 -d)" </dev/null 2>&1; printf '\\n${mark}%s${mark}\\n' $?\n`)
    const pattern = new RegExp(`\\n${mark}(\\d+)${mark}\\n`)
    for (const endMs = Date.now() + limitMs; Date.now() < endMs; await delay(20)) {
      const found = pattern.exec(this.#unread)
      if (!found) continue
      const output = this.#unread.slice(0, found.index)
      this.#unread = this.#unread.slice(found.index + found[0].length)
      return { code: Number(found[1]), output }
    }
    throw new Error(`${this.name}: no answer in ${limitMs / 1000} s to: ${script}`)
  }
}

function usable(path: string): boolean {
  try {
    accessSync(path, constants.R_OK | constants.W_OK)
    return true
  } catch {
    return false
  }
}
