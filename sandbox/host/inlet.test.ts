import type { IncomingMessage } from 'node:http'
import { type Duplex, duplexPair } from 'node:stream'
import { setImmediate as turn } from 'node:timers/promises'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type WebSocket, WebSocketServer } from 'ws'
import { Inlet } from './inlet.ts'

const RUNS = Number(process.env.FUZZ_RUNS ?? 500)

const server = new WebSocketServer({ noServer: true, maxPayload: 2_000, maxFragments: 8, perMessageDeflate: false })
const REQUEST = {
  method: 'GET',
  headers: { upgrade: 'websocket', 'sec-websocket-key': 'AAAAAAAAAAAAAAAAAAAAAA==', 'sec-websocket-version': '13' },
} as unknown as IncomingMessage

/** Both ends of a connection; `peer` is the player's, past the handshake. */
async function connect(): Promise<{ socket: WebSocket; wire: Duplex; peer: Duplex }> {
  const [wire, peer] = duplexPair()
  const shaken = new Promise((resolve) => peer.once('data', resolve))
  const socket = await new Promise<WebSocket>((resolve) =>
    server.handleUpgrade(REQUEST, wire, Buffer.alloc(0), resolve),
  )
  await shaken
  return { socket, wire, peer }
}

/** What is heard of these chunks, and answered to them; `close`: the server does, after so many messages. */
async function hear(chunks: readonly Buffer[], closeAfter: number, hasInlet: boolean): Promise<unknown[]> {
  const { socket, wire, peer } = await connect()
  const heard: unknown[] = []
  let messages = 0
  const note = (text: string) => {
    heard.push(text)
    if (++messages === closeAfter) socket.close(4000)
  }
  const answers: Buffer[] = []
  peer.on('data', (bytes: Buffer) => answers.push(bytes))
  peer.on('error', () => {})
  if (hasInlet) new Inlet(socket, wire, (text) => note(`text ${text}`))
  socket.on('message', (data: Buffer, isBinary) =>
    note(isBinary ? `bytes ${data.toString('hex')}` : `text ${data.toString()}`),
  )
  socket.on('ping', (data) => heard.push(`ping ${data.toString('hex')}`))
  socket.on('pong', (data) => heard.push(`pong ${data.toString('hex')}`))
  socket.on('error', (error) => heard.push(error.message))
  socket.on('close', (code) => heard.push(`closed ${code}`))
  for (const chunk of chunks) {
    if (!peer.destroyed) peer.write(Buffer.from(chunk))
    await turn()
  }
  for (let i = 0; i < 5; i++) await turn()
  const outcome = [...heard, Buffer.concat(answers).toString('hex'), socket.readyState]
  socket.terminate()
  peer.destroy()
  return outcome
}

interface Written {
  first: number
  isMasked: boolean
  mask: Buffer
  payload: Buffer
}
function frame({ first, isMasked, mask, payload }: Written): Buffer {
  const { length } = payload
  const size =
    length < 126
      ? [length]
      : length < 65_536
        ? [126, length >> 8, length & 255]
        : [127, 0, 0, 0, 0, 0, length >> 16, (length >> 8) & 255, length & 255]
  size[0]! |= isMasked ? 0x80 : 0
  const covered = isMasked ? payload.map((byte, i) => byte ^ mask[i & 3]!) : payload
  return Buffer.concat([Buffer.from([first, ...size]), isMasked ? mask : Buffer.alloc(0), covered])
}

const bytes = (max: number) => fc.uint8Array({ maxLength: max }).map((list) => Buffer.from(list))
const ascii = fc.string({ unit: 'binary-ascii', maxLength: 125 }).map((text) => Buffer.from(text))
const text = fc.oneof(
  { weight: 6, arbitrary: ascii },
  fc.string({ unit: 'grapheme', maxLength: 80 }).map((text) => Buffer.from(text)),
)
const sized = fc
  .constantFrom(124, 125, 126, 127, 1_999, 2_000, 2_001, 70_000)
  .map((length) => Buffer.alloc(length, 'x'))
const kinds: [number, number, fc.Arbitrary<Buffer>][] = [
  [40, 0x81, text],
  [4, 0x81, sized],
  [2, 0x81, bytes(40)],
  [3, 0x82, bytes(40)],
  [3, 0x89, bytes(30)],
  [3, 0x8a, bytes(30)],
  [2, 0x01, text],
  [2, 0x00, text],
  [2, 0x80, text],
  [1, 0x88, fc.constant(Buffer.from([0x03, 0xe8]))],
  [1, 0xc1, text],
  [1, 0x83, text],
]
const anyFrame = fc
  .oneof(
    ...kinds.map(([weight, first, payload]) => ({
      weight,
      arbitrary: fc.record({ first: fc.constant(first), payload }),
    })),
  )
  .chain((written) =>
    fc.record({
      first: fc.constant(written.first),
      payload: fc.constant(written.payload),
      isMasked: fc.integer({ max: 29, min: 0 }).map((n) => n > 0),
      mask: fc.uint8Array({ minLength: 4, maxLength: 4 }).map((list) => Buffer.from(list)),
    }),
  )
  .map(frame)

/** The same bytes in pieces: most often a frame each, else cut anywhere. */
function cut(frames: Buffer[], cuts: readonly number[] | undefined): Buffer[] {
  if (cuts === undefined) return frames
  const all = Buffer.concat(frames)
  const places = [...new Set([0, ...cuts.map((part) => Math.floor(part * all.length)), all.length])].sort(
    (a, b) => a - b,
  )
  return places.slice(1).map((to, i) => all.subarray(places[i], to))
}

describe('the inlet', () => {
  it('hears and answers what the websocket alone would, whatever comes and however it is cut', {
    timeout: 60_000,
  }, async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(anyFrame, { maxLength: 12 }),
        fc.option(fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 6 }), { nil: undefined }),
        fc.integer({ min: 1, max: 40 }),
        async (frames, cuts, closeAfter) => {
          const chunks = cut(frames, cuts)
          expect(await hear(chunks, closeAfter, true)).toEqual(await hear(chunks, closeAfter, false))
        },
      ),
      { numRuns: RUNS },
    )
  })

  it('takes a short text itself, and leaves all else to the websocket', async () => {
    const { socket, wire, peer } = await connect()
    const taken: string[] = []
    const left: string[] = []
    new Inlet(socket, wire, (text) => taken.push(text))
    socket.on('message', (data: Buffer) => left.push(data.toString()))
    const mask = Buffer.from([1, 2, 3, 4])
    const say = (text: string) => frame({ first: 0x81, isMasked: true, mask, payload: Buffer.from(text) })
    const words = ['short', 'é', 'again', 'x'.repeat(126), 'y'.repeat(125)]
    for (const word of words) {
      const heard = taken.length + left.length
      peer.write(say(word))
      await expect.poll(() => taken.length + left.length).toBe(heard + 1)
    }
    expect(taken).toEqual(['short', 'again', 'y'.repeat(125)])
    expect(left).toEqual(['é', 'x'.repeat(126)])
    socket.terminate()
    peer.destroy()
  })
})
