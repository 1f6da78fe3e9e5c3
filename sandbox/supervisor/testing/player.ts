// A player on a websocket: says hello with a ticket, keeps the state up to date, remembers what it was told.
import { encode, PROTOCOL_VERSION } from '@sandlot/shared/protocol/codec.ts'
import { ServerDecoder } from '@sandlot/shared/protocol/decoder.ts'
import type { Json, ServerMessage } from '@sandlot/shared/protocol/messages.ts'
import type { WebSocket } from 'ws'
import { until } from './until.ts'

export class Player {
  state: Json = null
  messages: ServerMessage[] = []
  closed: number | undefined
  #socket: WebSocket

  private constructor(socket: WebSocket) {
    this.#socket = socket
    const decoder = new ServerDecoder()
    socket.on('message', (data, isBinary) => {
      const message = decoder.decode(isBinary ? (data as Buffer) : data.toString())
      if (!message) throw new Error('the host sent a state that cannot be read')
      this.#hear(message)
    })
    socket.on('close', (code) => {
      this.closed = code
    })
    socket.on('error', () => {}) // 'close' follows
  }

  /** Resolves with the first full state. */
  static async join(socket: WebSocket, ticket: string, timeoutMs?: number): Promise<Player> {
    const player = new Player(socket)
    const greet = () => socket.send(encode({ t: 'hello', v: PROTOCOL_VERSION, ticket }))
    if (socket.readyState === socket.OPEN) greet()
    else socket.once('open', greet)
    await until(
      'the first state',
      () => {
        if (player.closed) throw new Error(`closed with ${player.closed}`)
        return player.messages.some(({ t }) => t === 'full')
      },
      timeoutMs,
    )
    return player
  }

  act(action: string, data: Json = null): void {
    this.#socket.send(encode({ t: 'act', a: action, d: data }))
  }

  leave(): void {
    this.#socket.terminate()
  }

  #hear(message: ServerMessage): void {
    this.messages.push(message)
    if (message.t === 'full' || message.t === 'delta') this.state = message.s
  }
}
