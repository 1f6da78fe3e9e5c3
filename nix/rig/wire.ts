// A network with nothing on it but what is plugged in: the internet as a machine sees it, or the switch of the link.
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { promisify } from 'node:util'
import { mortal } from './ending.ts'

const run = promisify(execFile)

export class Wire implements AsyncDisposable {
  #process: ChildProcess
  #addresses: readonly string[]

  private constructor(holder: ChildProcess, addresses: readonly string[]) {
    this.#process = holder
    this.#addresses = addresses
  }

  /** `addresses`: what it answers to itself, as one end of a cable; without them it is a switch. Needs root. */
  static async open(...addresses: string[]): Promise<Wire> {
    const script = `ip link set lo up${addresses.length === 0 ? '; ip link add switch type bridge; ip link set switch up' : ''}; echo; exec sleep infinity`
    const holder = mortal(spawn('unshare', ['--net', 'sh', '-c', script], { stdio: ['ignore', 'pipe', 'ignore'] }))
    await once(holder.stdout, 'data')
    return new Wire(holder, addresses)
  }

  /** Takes the interface `name` out of the network of the process `pid`, to be an end of this one. */
  async plug(pid: number, name: string): Promise<void> {
    const own = `p${pid}`
    const ip = ['--target', String(pid), '--net', 'ip', 'link', 'set', name]
    await run('nsenter', [...ip, 'netns', String(this.#process.pid), 'name', own])
    for (const address of this.#addresses) await this.#ip('address', 'add', address, 'dev', own, 'nodad')
    await this.#ip('link', 'set', own, ...(this.#addresses.length === 0 ? ['master', 'switch'] : []), 'up')
  }

  /** The words that run a program from here. */
  enter(command: string, ...words: string[]): [string, string[]] {
    return ['nsenter', ['--target', String(this.#process.pid), '--net', command, ...words]]
  }

  async #ip(...words: string[]): Promise<void> {
    await run(...this.enter('ip', ...words))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return
    const gone = once(this.#process, 'exit')
    this.#process.kill('SIGKILL')
    await gone
  }
}
