// SFTP packet by packet (version 3, as OpenSSH speaks it), over the standard input and output of an ssh: what no client of people would send.
import type { Session } from './client.ts'

const INIT = 1
const TYPES = { open: 3, close: 4, read: 5, write: 6, remove: 13, mkdir: 14, rmdir: 15, realpath: 16, symlink: 20 }
const EXTENDED = 200
const STATUS = 101
const VERSION = 3
const PERMISSIONS = 4 // the one attribute that is sent
/** For `file`. To write: into one that is made when there is none, and the second begins anew when there is. */
export const READ = 1
export const CREATE = 2 | 8
export const FRESH = 2 | 8 | 16

export interface Answer {
  /** 0: done. 1: the end of the file. 3: denied. 4: failed. 8: not supported. Null where the answer is a handle, data or names. */
  status: number | null
  /** The handle, the data, or what names the answer has. */
  body: Buffer
}

const word = (value: number) => {
  const buffer = Buffer.alloc(4)
  buffer.writeUInt32BE(value)
  return buffer
}
const long = (value: number) => {
  const buffer = Buffer.alloc(8)
  buffer.writeBigUInt64BE(BigInt(value))
  return buffer
}
const text = (value: string | Buffer) => {
  const bytes = Buffer.from(value as string)
  return Buffer.concat([word(bytes.length), bytes])
}
const attributes = (mode?: number) => (mode === undefined ? word(0) : Buffer.concat([word(PERMISSIONS), word(mode)]))

export class Packets {
  #session: Session
  #waiting = new Map<number, { resolve(answer: Answer): void; reject(error: Error): void }>()
  #nextId = 1
  #buffer = Buffer.alloc(0)
  #ended: Error | undefined
  #greeted = Promise.withResolvers<void>()

  private constructor(session: Session) {
    this.#session = session
    session.stdout.on('data', (chunk: Buffer) => this.#receive(chunk))
    session.once('close', (code) => this.#end(new Error(`the session ended with ${code}`)))
  }

  /** `session`: an ssh that asked for the subsystem. Rejects when it ends before the server answers. */
  static async open(session: Session): Promise<Packets> {
    const packets = new Packets(session)
    packets.#write(INIT, word(VERSION))
    await packets.#greeted.promise
    return packets
  }

  /** A handle. Rejects with the status when there is none. `mode` goes to the server as it is, with any bits. */
  async file(path: string, flags: number, mode?: number): Promise<Buffer> {
    const { status, body } = await this.#ask(TYPES.open, text(path), word(flags), attributes(mode))
    if (status !== null) throw new Error(`open ${path}: status ${status}`)
    return body
  }

  write(handle: Buffer, at: number, data: string | Buffer): Promise<Answer> {
    return this.#ask(TYPES.write, text(handle), long(at), text(data))
  }

  read(handle: Buffer, at: number, bytes: number): Promise<Answer> {
    return this.#ask(TYPES.read, text(handle), long(at), word(bytes))
  }

  close(handle: Buffer): Promise<Answer> {
    return this.#ask(TYPES.close, text(handle))
  }

  /** A whole file, in one piece of at most 32 KiB. */
  async put(path: string, data: string): Promise<void> {
    const handle = await this.file(path, FRESH)
    const wrote = await this.write(handle, 0, data)
    const closed = await this.close(handle)
    if (wrote.status !== 0 || closed.status !== 0) throw new Error(`put ${path}: ${wrote.status}, ${closed.status}`)
  }

  mkdir(path: string, mode?: number): Promise<Answer> {
    return this.#ask(TYPES.mkdir, text(path), attributes(mode))
  }

  remove(path: string): Promise<Answer> {
    return this.#ask(TYPES.remove, text(path))
  }

  rmdir(path: string): Promise<Answer> {
    return this.#ask(TYPES.rmdir, text(path))
  }

  symlink(target: string, path: string): Promise<Answer> {
    return this.#ask(TYPES.symlink, text(target), text(path))
  }

  realpath(path: string): Promise<Answer> {
    return this.#ask(TYPES.realpath, text(path))
  }

  /** Over what is there, in one step. */
  replace(from: string, to: string): Promise<Answer> {
    return this.#ask(EXTENDED, text('posix-rename@openssh.com'), text(from), text(to))
  }

  /** Resolves when the session is gone. */
  async end(): Promise<void> {
    if (this.#session.exitCode !== null || this.#session.signalCode !== null) return
    const gone = new Promise((resolve) => this.#session.once('close', resolve))
    this.#session.stdin.end()
    await gone
  }

  #ask(type: number, ...parts: Buffer[]): Promise<Answer> {
    if (this.#ended) return Promise.reject(this.#ended)
    const id = this.#nextId++
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject })
      this.#write(type, word(id), ...parts)
    })
  }

  #write(type: number, ...parts: Buffer[]): void {
    const body = Buffer.concat([Buffer.of(type), ...parts])
    this.#session.stdin.write(Buffer.concat([word(body.length), body]))
  }

  #receive(chunk: Buffer): void {
    this.#buffer = Buffer.concat([this.#buffer, chunk])
    while (this.#buffer.length >= 4) {
      const end = 4 + this.#buffer.readUInt32BE(0)
      if (this.#buffer.length < end) return
      const packet = this.#buffer.subarray(4, end)
      this.#buffer = this.#buffer.subarray(end)
      if (packet[0] === INIT + 1) this.#greeted.resolve()
      else this.#answer(packet)
    }
  }

  #answer(packet: Buffer): void {
    const id = packet.readUInt32BE(1)
    const asked = this.#waiting.get(id)
    this.#waiting.delete(id)
    if (packet[0] === STATUS) asked?.resolve({ status: packet.readUInt32BE(5), body: Buffer.alloc(0) })
    else asked?.resolve({ status: null, body: Buffer.from(packet.subarray(9)) }) // after a length, or how many names
  }

  #end(error: Error): void {
    this.#ended = error
    this.#greeted.reject(error)
    for (const { reject } of this.#waiting.values()) reject(error)
    this.#waiting.clear()
  }
}
