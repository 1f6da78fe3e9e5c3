// The supervisor's end of the socket to one game host. The socket is the host's identity: it takes one connection, from one process.

import { chmod, rm } from 'node:fs/promises'
import { createServer, type Server, type Socket } from 'node:net'
import { type FromHost, fromHost, lineReader, type ToHost } from '../host/link.ts'

const MAX_UNREAD_BYTES = 8 * 1024 * 1024 // a host that does not read its messages is broken
const MAX_MESSAGES_PER_SECOND = 5_000 // a full game of 500 rooms sends some hundreds
const MAX_CHARS_PER_SECOND = 32 * 1024 * 1024 // what our own limits let a full game say, many times over
const MAX_LOG_LINES_PER_SECOND = 50_000 // a line a tick in each of them, and room to spare

export interface LinkEvents {
  onConnect(): void
  onMessage(message: FromHost): void
  /** The host said something that no host says. It is deaf from here on and should be killed. */
  onNonsense(why: string): void
}

export class Link {
  #server: Server
  #events: LinkEvents
  #socket: Socket | null = null

  private constructor(server: Server, events: LinkEvents) {
    this.#server = server
    this.#events = events
  }

  /**
   * Listens on `path`, in a folder that only the supervisor may enter. A socket file left there is replaced. `mode`: 0o666 for a host
   * of another user, to whom somebody with the right shows this one file.
   */
  static async listen(path: string, events: LinkEvents, mode = 0o600): Promise<Link> {
    await rm(path, { force: true })
    const server = createServer((socket) => link.#accept(socket))
    const link = new Link(server, events)
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(path, resolve)
    })
    await chmod(path, mode)
    return link
  }

  /** Silently does nothing before a host has connected or after it has gone: its exit tells more. */
  send(message: ToHost): void {
    const socket = this.#socket
    if (!socket?.writable) return
    socket.write(`${JSON.stringify(message)}\n`)
    if (socket.writableLength <= MAX_UNREAD_BYTES) return
    socket.destroy()
    this.#events.onNonsense('does not read what its supervisor says')
  }

  close(): void {
    this.#socket?.destroy()
    this.#server.close()
  }

  #accept(socket: Socket): void {
    const events = this.#events
    socket.on('error', () => socket.destroy()) // its exit tells more
    if (this.#socket) return void socket.destroy() // somebody else who found the path
    this.#socket = socket
    let second = 0
    let messages = 0
    let lines = 0
    let chars = 0
    const tick = () => {
      const now = Math.floor(performance.now() / 1000)
      if (now === second) return
      second = now
      messages = lines = chars = 0
    }
    const count = (message: FromHost) => {
      if (message.t === 'log') lines++
      else messages++
      if (messages > MAX_MESSAGES_PER_SECOND || lines > MAX_LOG_LINES_PER_SECOND)
        return nonsense('floods its supervisor with messages')
      events.onMessage(message)
    }
    const nonsense = (why: string) => {
      socket.removeAllListeners('data')
      socket.destroy()
      events.onNonsense(why)
    }
    socket.setEncoding('utf8')
    const read = lineReader(fromHost, count, (why) =>
      nonsense(`broke the protocol of the link: ${why.split('\n', 1)[0]}`),
    )
    socket.on('data', (chunk: Buffer | string) => {
      tick()
      chars += chunk.length
      if (chars > MAX_CHARS_PER_SECOND) return nonsense('floods its supervisor with bytes')
      read(chunk as string)
    })
    events.onConnect()
  }
}
