// One child process of `npm run dev`: started, waited for, stopped. What it writes to its error output goes to a log file.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const STOP_MS = 8_000

export interface ServiceOptions {
  name: string
  /** The program, relative to the top of the checkout. */
  main: string
  env: Record<string, string>
  log: string
  /** Called when it ends without having been asked to. */
  onEnd: (sentence: string) => void
}

export class Service {
  #child: ChildProcess
  #options: ServiceOptions
  #lines: string[] = []
  #stopping = false

  constructor(options: ServiceOptions) {
    this.#options = options
    mkdirSync(dirname(options.log), { recursive: true })
    const log = openSync(options.log, 'w')
    const { PATH = '', HOME = '', NODE_COMPILE_CACHE } = process.env
    this.#child = spawn(process.execPath, [fileURLToPath(new URL(`../../${options.main}`, import.meta.url))], {
      env: { PATH, HOME, ...(NODE_COMPILE_CACHE && { NODE_COMPILE_CACHE }), ...options.env },
      // Its own group, so that Ctrl-C reaches only us and we stop in order. The channel tells it when we are killed.
      detached: true,
      stdio: ['ignore', 'pipe', log, 'ipc'],
    })
    closeSync(log)
    createInterface({ input: this.#child.stdout! }).on('line', (line) => this.#lines.push(line))
    this.#child.once('exit', () => {
      if (!this.#stopping) options.onEnd(`The ${options.name} has stopped. ${this.#lastWords()}`)
    })
  }

  #lastWords(): string {
    const words = readFileSync(this.#options.log, 'utf8').trim().split('\n').at(-1)
    return `${words ? `Its last words: ${words}\n` : ''}See ${this.#options.log}`
  }

  /** The first line of its output that `pattern` matches; the first group of it. Rejects when it ends before. */
  async line(pattern: RegExp): Promise<string> {
    for (;;) {
      for (const line of this.#lines) {
        const match = pattern.exec(line)
        if (match) return match[1]!
      }
      if (this.#child.exitCode !== null || this.#child.signalCode !== null)
        throw new Error(`The ${this.#options.name} did not start. ${this.#lastWords()}`)
      await Promise.race([once(this.#child.stdout!, 'data'), once(this.#child, 'exit')])
      await new Promise(setImmediate) // the line splitter hears the data too
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping = true
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    const exit = once(this.#child, 'exit')
    this.#child.kill('SIGTERM')
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), STOP_MS)
    await exit
    clearTimeout(timer)
  }
}
