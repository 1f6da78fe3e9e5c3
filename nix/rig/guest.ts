// One of the two machines as the acceptance suite sees it, however it was brought up.
import { setTimeout as delay } from 'node:timers/promises'
import { patient } from './patience.ts'

const LIMIT_MS = 120_000
const POLL_MS = 200

export abstract class Guest implements AsyncDisposable {
  readonly name: string

  constructor(name: string) {
    this.name = name
  }

  /** Runs a script as root in the machine. Its standard and error output come together. */
  abstract run(script: string, limitMs?: number): Promise<{ code: number; output: string }>
  /** At once, as if the plug was pulled. */
  abstract powerOff(): Promise<void>

  /** The output of a program for Node that runs where the internet is, or null where there is no such place: see `Space`. */
  async outside(_program: string): Promise<string | null> {
    return null
  }

  /** The output of a script. Rejects unless it succeeds. */
  async ok(script: string): Promise<string> {
    const { code, output } = await this.run(script)
    if (code !== 0) throw new Error(`${this.name}: ${script}: ${code}\n${output.slice(-1500)}`)
    return output
  }

  /** Waits until a script succeeds; rejects with what it said last. */
  async until(script: string, limitMs = patient(LIMIT_MS)): Promise<string> {
    let last = ''
    for (const endMs = Date.now() + limitMs; Date.now() < endMs; await delay(patient(POLL_MS))) {
      const { code, output } = await this.run(script)
      if (code === 0) return output
      last = output
    }
    throw new Error(`${this.name}: never came true in ${limitMs / 1000} s: ${script}\n${last.slice(-1500)}`)
  }

  /** Waits until each of these units is active; `is-active` itself is content with one of several. */
  async active(...units: string[]): Promise<void> {
    for (const unit of units)
      await this.until(`systemctl is-active ${unit} || { systemctl status -n 5 ${unit}; false; }`)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.powerOff()
  }
}
