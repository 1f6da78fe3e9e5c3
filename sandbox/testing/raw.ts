// A websocket client that may break every rule: it writes bytes, and reads frames as they come.
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { PROTOCOL_VERSION } from '@sandlot/shared/protocol/codec.ts'
import { FULL } from '@sandlot/shared/protocol/packed/tags.ts'
import { until } from './until.ts'

export const HANDSHAKE =
  'GET /ws HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n'

/** A frame as a client sends it: `fin` and `rsv` are bits, `mask` false leaves it out, `length` lies about the payload. */
export function frame(
  opcode: number,
  payload: string | Buffer = '',
  { fin = true, rsv = 0, mask = true, length }: { fin?: boolean; rsv?: number; mask?: boolean; length?: bigint } = {},
): Buffer {
  const body = Buffer.from(payload)
  const declared = length ?? BigInt(body.length)
  const head = [(fin ? 0x80 : 0) | (rsv << 4) | opcode]
  const masked = mask ? 0x80 : 0
  if (declared < 126n) head.push(masked | Number(declared))
  else if (declared < 65_536n) head.push(masked | 126, Number(declared >> 8n), Number(declared & 255n))
  else {
    head.push(masked | 127)
    for (let shift = 56n; shift >= 0n; shift -= 8n) head.push(Number((declared >> shift) & 255n))
  }
  const key = [1, 2, 3, 4]
  if (mask) head.push(...key)
  return Buffer.concat([Buffer.from(head), mask ? body.map((byte, i) => byte ^ key[i % 4]!) : body])
}

export class RawPlayer {
  readonly socket: Socket
  /** All that came after the headers. */
  received = Buffer.alloc(0)
  headers = ''
  closed = false

  private constructor(port: number) {
    this.socket = connect(port, '127.0.0.1')
    this.socket.on('error', () => {}) // 'close' follows
    this.socket.on('close', () => {
      this.closed = true
    })
    this.socket.on('data', (chunk) => {
      this.received = Buffer.concat([this.received, chunk])
    })
  }

  /** Resolves when the answer's headers are here. `more`: headers of the request, each with its end of line. */
  static async open(port: number, more = ''): Promise<RawPlayer> {
    const player = new RawPlayer(port)
    await once(player.socket, 'connect')
    player.socket.write(`${HANDSHAKE}${more}\r\n`)
    await until(() => player.closed || player.received.includes('\r\n\r\n'), 'the handshake is answered')
    const end = player.received.indexOf('\r\n\r\n') + 4
    player.headers = player.received.subarray(0, end).toString()
    player.received = player.received.subarray(end)
    return player
  }

  /** The frames that have come whole. */
  get frames(): { opcode: number; payload: Buffer }[] {
    const frames = []
    for (let at = 0; at + 2 <= this.received.length; ) {
      const opcode = this.received[at]! & 15
      let length = this.received[at + 1]! & 127
      let start = at + 2
      if (length === 126) {
        length = this.received.readUInt16BE(start)
        start += 2
      } else if (length === 127) {
        length = Number(this.received.readBigUInt64BE(start))
        start += 8
      }
      if (start + length > this.received.length) break
      frames.push({ opcode, payload: this.received.subarray(start, start + length) })
      at = start + length
    }
    return frames
  }

  /** The code of the close frame, 1005 for an empty one, undefined while none has come. */
  get closeCode(): number | undefined {
    const close = this.frames.find(({ opcode }) => opcode === 8)
    return close && (close.payload.length < 2 ? 1005 : close.payload.readUInt16BE(0))
  }

  /** Says hello and waits for the state. */
  async greet(): Promise<this> {
    this.socket.write(frame(1, `{"t":"hello","v":${PROTOCOL_VERSION}}`))
    await until(
      () => this.frames.some(({ opcode, payload }) => opcode === 2 && payload[0] === FULL),
      'the raw player has the state',
    )
    return this
  }

  [Symbol.dispose](): void {
    this.socket.destroy()
  }
}
