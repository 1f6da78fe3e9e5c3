// An installed Firefox, driven by WebDriver BiDi, which it speaks by itself. Chromium's driver knows only a Firefox of its own make, so the few
// commands that a test needs are said here, over the websocket library that the host has anyway.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { accessSync, constants } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { WebSocket } from 'ws'

const START_MS = 60_000 // on a machine that does much else; 2 s on one that does not
const QUIT_MS = 5_000
/** Nothing of Firefox's own may reach the network: what is not on this machine meets a proxy that is not there. */
const PREFERENCES = {
  'app.update.enabled': false,
  'browser.shell.checkDefaultBrowser': false,
  'datareporting.policy.dataSubmissionEnabled': false,
  'dom.disable_open_during_load': true,
  'media.navigator.permission.disabled': false,
  'network.captive-portal-service.enabled': false,
  'network.connectivity-service.enabled': false,
  'network.proxy.type': 1,
  'network.proxy.http': '127.0.0.1',
  'network.proxy.http_port': 9,
  'network.proxy.ssl': '127.0.0.1',
  'network.proxy.ssl_port': 9,
  'network.proxy.no_proxies_on': 'localhost, 127.0.0.1',
  'network.trr.mode': 5,
  'toolkit.telemetry.enabled': false,
}

/** The program of an installed Firefox; FIREFOX_PATH names another. Undefined when there is none. */
export function findFirefox(): string | undefined {
  if (process.env.FIREFOX_PATH) return process.env.FIREFOX_PATH
  for (const folder of (process.env.PATH ?? '').split(delimiter))
    for (const name of ['firefox-esr', 'firefox']) {
      try {
        accessSync(join(folder, name), constants.X_OK)
        return join(folder, name)
      } catch {
        // not here
      }
    }
  return undefined
}

interface Tree {
  context: string
  url: string
  children?: Tree[]
}
type Answer =
  | { type: 'success'; id: number; result: unknown }
  | { type: 'error'; id: number; error: string; message: string }

export class Firefox {
  readonly #child: ChildProcess
  readonly #profile: string
  readonly #socket: WebSocket
  readonly #waiting = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>()
  #asked = 0

  private constructor(child: ChildProcess, profile: string, socket: WebSocket) {
    this.#child = child
    this.#profile = profile
    this.#socket = socket
    socket.on('message', (data) => {
      const answer = JSON.parse(String(data)) as Answer
      const waiting = this.#waiting.get(answer.id)
      this.#waiting.delete(answer.id)
      if (answer.type === 'success') waiting?.resolve(answer.result)
      else waiting?.reject(new Error(`Firefox: ${answer.error}: ${answer.message}`))
    })
  }

  /** Starts a headless one with a profile of its own. Rejects with what it printed when it does not come up. */
  static async launch(program: string): Promise<Firefox> {
    const profile = await mkdtemp(join(tmpdir(), 'sandlot-firefox-'))
    const lines = Object.entries(PREFERENCES).map(([name, value]) => `user_pref("${name}", ${JSON.stringify(value)});`)
    await writeFile(join(profile, 'user.js'), lines.join('\n'))
    const args = ['--headless', '--no-remote', '--profile', profile, '--remote-debugging-port', '0']
    const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'], env: { ...process.env, HOME: profile } })
    try {
      const socket = new WebSocket(`${await address(child)}/session`)
      await once(socket, 'open')
      const firefox = new Firefox(child, profile, socket)
      await firefox.#call('session.new', { capabilities: {} })
      return firefox
    } catch (error) {
      child.kill('SIGKILL')
      await rm(profile, { recursive: true, force: true, maxRetries: 5 })
      throw error
    }
  }

  /** Opens a tab; resolves with it when `url` is loaded. */
  async open(url: string): Promise<string> {
    const { context } = (await this.#call('browsingContext.create', { type: 'tab' })) as Tree
    await this.#call('browsingContext.navigate', { context, url, wait: 'complete' })
    return context
  }

  /** The tabs, and the frames in them. */
  async tabs(): Promise<Tree[]> {
    return ((await this.#call('browsingContext.getTree')) as { contexts: Tree[] }).contexts
  }

  /** What `expression`, run in a tab or a frame, comes to: JSON only. */
  async evaluate(context: string, expression: string): Promise<unknown> {
    const answer = (await this.#call('script.evaluate', {
      expression: `(async () => JSON.stringify(await (${expression})))()`,
      target: { context },
      awaitPromise: true,
    })) as { type: string; result?: { value: string }; exceptionDetails?: { text: string } }
    if (answer.type !== 'success') throw new Error(`in the page: ${answer.exceptionDetails?.text}`)
    return answer.result?.value === undefined ? undefined : JSON.parse(answer.result.value)
  }

  #call(method: string, params: object = {}): Promise<unknown> {
    const id = ++this.#asked
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject })
      this.#socket.send(JSON.stringify({ id, method, params }))
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const exited = this.#child.exitCode === null ? once(this.#child, 'exit') : undefined
    void this.#call('browser.close').catch(() => {})
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), QUIT_MS)
    await exited
    clearTimeout(timer)
    this.#socket.terminate()
    await rm(this.#profile, { recursive: true, force: true, maxRetries: 5 })
  }
}

/** Where it listens, as it prints. */
function address({ stderr }: ChildProcess): Promise<string> {
  let printed = ''
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`Firefox did not start: ${printed.slice(-1_000)}`)), START_MS)
    stderr!.setEncoding('utf8').on('data', (text: string) => {
      printed += text
      const url = /BiDi listening on (ws:\S+)/.exec(printed)?.[1]
      if (!url) return
      clearTimeout(timer)
      resolve(url)
    })
  })
}
