// RFC 6455 against the real host, byte by byte: what breaks it closes that socket with the right code, what keeps it is served.

import { MAX_CLIENT_MESSAGE_BYTES, MAX_FRAGMENTS } from '@sandlot/shared/limits.ts'
import { PROTOCOL_VERSION } from '@sandlot/shared/protocol/codec.ts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { gameFolder } from '../testing/folder.ts'
import { type HostProcess, startHost, TestPlayer } from '../testing/host.ts'
import { frame, RawPlayer } from '../testing/raw.ts'
import { until } from '../testing/until.ts'

let folder: ReturnType<typeof gameFolder>
let host: HostProcess & { url: string }
let port: number
beforeAll(async () => {
  folder = gameFolder({
    'server.js':
      'export const setup = () => ({ said: "" })\nexport const actions = { say(state, player, text) { state.said = text } }',
    'game.json': '{"players":{"max":100}}',
  })
  host = await startHost(folder.path)
  port = Number(new URL(host.url).port)
})
afterAll(async () => {
  await host[Symbol.asyncDispose]()
  folder[Symbol.dispose]()
})

const TEXT = 1
const BINARY = 2
const CONTINUED = 0
const CLOSE = 8
const PING = 9
const part = { fin: false }
const closing = (code: number, reason: string | Buffer = '') => {
  const body = Buffer.alloc(2)
  body.writeUInt16BE(code)
  return frame(CLOSE, Buffer.concat([body, Buffer.from(reason)]))
}
const bytes = (...list: number[]) => Buffer.from(list)
const half = 'x'.repeat(MAX_CLIENT_MESSAGE_BYTES / 2 + 1)

const broken: [what: string, sent: Buffer[], code: number][] = [
  ...[3, 4, 5, 6, 7, 11, 12, 13, 14, 15].map((op): [string, Buffer[], number] => [`opcode ${op}`, [frame(op)], 1002]),
  ...[1, 2, 4].map((rsv): [string, Buffer[], number] => [`reserved bit ${rsv}`, [frame(TEXT, 'a', { rsv })], 1002]),
  ['an unmasked frame', [frame(TEXT, 'a', { mask: false })], 1002],
  ['a ping of 126 bytes', [frame(PING, 'x'.repeat(126))], 1002],
  ['a ping in parts', [frame(PING, '', part)], 1002],
  ['a close in parts', [frame(CLOSE, '', part)], 1002],
  ['a continuation of nothing', [frame(CONTINUED, 'a')], 1002],
  [
    'a continuation after the end',
    [frame(TEXT, '{"t":"hello"', part), frame(CONTINUED, `,"v":${PROTOCOL_VERSION}}`), frame(CONTINUED, 'a')],
    1002,
  ],
  ['a message within a message', [frame(TEXT, 'a', part), frame(TEXT, 'b')], 1002],
  ['bytes that are no UTF-8', [frame(TEXT, bytes(0xc3, 0x28))], 1007],
  ['UTF-8 longer than needed', [frame(TEXT, bytes(0xc0, 0xaf))], 1007],
  ['half a surrogate pair in UTF-8', [frame(TEXT, bytes(0xed, 0xa0, 0x80))], 1007],
  ['a character that never ends', [frame(TEXT, bytes(0xe2, 0x82), part), frame(CONTINUED, 'a')], 1007],
  ['a close of one byte', [frame(CLOSE, 'x')], 1002],
  ...[0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000].map((code): [string, Buffer[], number] => [
    `the close code ${code}`,
    [closing(code)],
    1002,
  ]),
  ['a close reason that is no UTF-8', [closing(1000, bytes(0xff))], 1007],
  ['a frame of 2^63 bytes', [frame(TEXT, '', { length: 2n ** 63n })], 1009],
  ['a frame of 2^64 - 1 bytes', [frame(BINARY, '', { length: 2n ** 64n - 1n })], 1009],
  ['a frame larger than a message may be', [frame(TEXT, '', { length: BigInt(MAX_CLIENT_MESSAGE_BYTES) + 1n })], 1009],
  ['parts larger than a message may be', [frame(TEXT, half, part), frame(CONTINUED, half, part)], 1009],
  [
    'more parts than a message may have',
    [frame(TEXT, '', part), ...Array.from({ length: MAX_FRAGMENTS }, () => frame(CONTINUED, '', part))],
    1008,
  ],
] // prettier-ignore

describe('[LM1] broken frames close their own socket', () => {
  for (const [what, sent, code] of broken) {
    it(`${what}: ${code}`, async () => {
      using player = await RawPlayer.open(port)
      player.socket.write(Buffer.concat(sent))
      await until(() => player.closeCode !== undefined || player.closed, 'the socket is closed')
      expect(player.closeCode).toBe(code)
    })
  }

  it('and nobody else’s: the host plays on', async () => {
    await using player = await TestPlayer.join(host.url)
    player.act('say', 'still here')
    await player.until(({ state }) => (state as { said: string }).said === 'still here', 'the game goes on')
    expect(host.child.exitCode).toBeNull()
  })
})

describe('whole frames are served', () => {
  const HELLO = `{"t":"hello","v":${PROTOCOL_VERSION},"name":"Zoë"}`

  it(`a message in ${MAX_FRAGMENTS} parts, cut within a character, with a ping between them`, async () => {
    using player = await RawPlayer.open(port)
    const hello = Buffer.from(HELLO)
    const cuts = Array.from({ length: MAX_FRAGMENTS }, (_, i) => hello.subarray(i * 2 + (i > 0 ? -1 : 0), i * 2 + 1))
    const rest = hello.subarray(MAX_FRAGMENTS * 2 - 1)
    const parts = [...cuts.slice(0, -1), Buffer.concat([cuts.at(-1)!, rest])]
    expect(Buffer.concat(parts)).toEqual(hello)
    parts.forEach((payload, i) => {
      player.socket.write(frame(i === 0 ? TEXT : CONTINUED, payload, { fin: i === parts.length - 1 }))
      if (i === 3) player.socket.write(frame(PING, 'between'))
    })
    await until(() => player.frames.some(({ payload }) => payload.includes('"name":"Zoë"')), 'it is welcome')
    expect(player.frames.find(({ opcode }) => opcode === 10)?.payload.toString()).toBe('between')
  })

  it('a message of the largest size', async () => {
    using player = await (await RawPlayer.open(port)).greet()
    const message = (text: string) => JSON.stringify({ t: 'act', a: 'say', d: text })
    const text = 'y'.repeat(MAX_CLIENT_MESSAGE_BYTES - message('').length)
    player.socket.write(frame(TEXT, message(text)))
    await until(() => player.frames.some(({ payload }) => payload.includes('yyyyyyyy')), 'it is heard')
  })

  for (const code of [1000, 1001, 1003, 1007, 3000, 4999]) {
    it(`the close code ${code} is answered, and the socket closed`, async () => {
      using player = await RawPlayer.open(port)
      player.socket.write(closing(code, 'bye'))
      await until(() => player.closed, 'the socket is closed')
      expect(player.closeCode).toBe(code)
    })
  }

  it('compression is not agreed on, however it is offered', async () => {
    for (const offer of [
      'permessage-deflate',
      'permessage-deflate; client_max_window_bits',
      'x-webkit-deflate-frame',
    ]) {
      using player = await RawPlayer.open(port, `Sec-WebSocket-Extensions: ${offer}\r\n`)
      expect(player.headers).toMatch(/^HTTP\/1\.1 101 /)
      expect(player.headers).not.toMatch(/extensions/i)
      await player.greet()
    }
  })
})
