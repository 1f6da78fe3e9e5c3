// The real game host as a child process, and players who speak its protocol.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { PROTOCOL_VERSION } from '@sandlot/shared/protocol/codec.ts'
import { ServerDecoder } from '@sandlot/shared/protocol/decoder.ts'
import type { ClientMessage, Json, ServerMessage } from '@sandlot/shared/protocol/messages.ts'
import { type ClientOptions, WebSocket } from 'ws'
import { NODE_FLAGS } from '../host/flags.ts'
import { until } from './until.ts'

const MAIN = fileURLToPath(new URL('../dist/host.js', import.meta.url))

export interface HostProcess {
  child: ChildProcess
  /** All that it has printed. */
  output(): string
  [Symbol.asyncDispose](): Promise<void>
}

/** Starts sandlot-host with `args`. */
export function spawnHost(...args: string[]): HostProcess {
  const child = spawn(process.execPath, [...NODE_FLAGS, MAIN, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (output += text))
  const closed = once(child, 'close')
  return {
    child,
    output: () => output,
    async [Symbol.asyncDispose]() {
      child.kill('SIGTERM')
      await closed
    },
  }
}

/** Starts sandlot-host on a folder and waits until it serves. */
export async function startHost(folder: string, ...args: string[]): Promise<HostProcess & { url: string }> {
  const host = spawnHost(folder, '--listen', '0', ...args)
  try {
    const url = await until(
      () => {
        if (host.child.exitCode !== null) throw new Error(`the host has exited: ${host.output()}`)
        return / at (http:\S+)/.exec(host.output())?.[1]
      },
      'the host serves',
      host.output,
    )
    return { ...host, url }
  } catch (error) {
    await host[Symbol.asyncDispose]()
    throw error
  }
}

/** One player's socket: everything it got, and the state as its deltas make it. */
export class TestPlayer {
  readonly socket: WebSocket
  readonly messages: ServerMessage[] = []
  closed: { code: number; reason: string } | undefined
  state: Json | undefined

  constructor(url: string, options: ClientOptions = {}) {
    const address = url.replace(/^http/, 'ws').replace(/\/?$/, '/ws') // ws+unix:PATH:/ws for a unix socket
    this.socket = new WebSocket(address, options)
    this.socket.on('error', () => {})
    this.socket.on('close', (code, reason) => {
      this.closed = { code, reason: reason.toString() }
    })
    const decoder = new ServerDecoder()
    this.socket.on('message', (data, isBinary) => {
      const message = decoder.decode(isBinary ? (data as Buffer) : data.toString())
      if (!message) throw new Error('the host sent a state that cannot be read')
      this.messages.push(message)
      if (message.t === 'full' || message.t === 'delta') this.state = message.s
    })
  }

  /** Connects and says hello; resolves with the player once it has the state, or was turned away. */
  static async join(url: string, hello: Partial<Extract<ClientMessage, { t: 'hello' }>> = {}): Promise<TestPlayer> {
    const player = new TestPlayer(url)
    await once(player.socket, 'open')
    player.send({ t: 'hello', v: PROTOCOL_VERSION, ...hello })
    await until(() => player.state !== undefined || player.closed, 'the player has the state')
    return player
  }

  send(message: ClientMessage): void {
    this.socket.send(JSON.stringify(message))
  }
  act(a: string, d: Json = null): void {
    this.send({ t: 'act', a, d })
  }

  all<T extends ServerMessage['t']>(type: T): Extract<ServerMessage, { t: T }>[] {
    return this.messages.filter((message): message is Extract<ServerMessage, { t: T }> => message.t === type)
  }
  get welcome(): Extract<ServerMessage, { t: 'welcome' }> {
    return this.all('welcome')[0]!
  }
  get id(): string {
    return this.welcome.me.id
  }

  /** Waits until `found` gives something other than undefined, null or false. */
  until<T>(found: (player: this) => T | undefined | null | false, what: string): Promise<T> {
    return until(
      () => found(this),
      what,
      () => JSON.stringify(this.messages.slice(-5)) + JSON.stringify(this.closed ?? ''),
    )
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.socket.terminate()
    await until(() => this.closed, 'the socket is closed')
  }
}
