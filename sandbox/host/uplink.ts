// The host's end of the socket to its supervisor. When it closes, the supervisor is gone and so is this host's reason to run.
import { connect, type Socket } from 'node:net'
import { MAX_LOG_CHARS } from '@sandlot/shared/limits.ts'
import { jsonLines } from './lines.ts'
import type { FromHost, ToHost } from './link.ts'

export class Uplink {
  #socket: Socket

  private constructor(socket: Socket) {
    this.#socket = socket
  }

  /** Connects to the supervisor's unix socket. `onClose` is called once. Rejects when nobody listens there. */
  static open(path: string, onMessage: (message: ToHost) => void, onClose: (why: string) => void): Promise<Uplink> {
    return new Promise((resolve, reject) => {
      const socket = connect(path)
      socket.once('error', reject)
      socket.once('connect', () => {
        socket.off('error', reject)
        socket.on('error', () => {}) // 'close' follows
        socket.once('close', () => onClose('the supervisor is gone'))
        const read = jsonLines(
          (value) => onMessage(value as ToHost), // the supervisor is trusted: it started us
          (error) => {
            onClose(error.message)
            socket.destroy()
          },
        )
        socket.setEncoding('utf8').on('data', read)
        resolve(new Uplink(socket))
      })
    })
  }

  send(message: FromHost): void {
    if (this.#socket.writable) this.#socket.write(`${JSON.stringify(message)}\n`)
  }

  log(room: string | null, text: string): void {
    this.send({ t: 'log', room, text: text.slice(0, MAX_LOG_CHARS) })
  }

  /** Sends what is still unsent, then closes. */
  end(): Promise<void> {
    return new Promise((resolve) => this.#socket.end(resolve))
  }
}
