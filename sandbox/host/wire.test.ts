import { describe, expect, it } from 'vitest'
import * as ws from 'ws'
import { frameOf } from './wire.ts'

const { Receiver } = ws as unknown as {
  Receiver: new (options: { isServer: boolean }) => NodeJS.WritableStream
}

describe('a frame', () => {
  it.each([0, 1, 125, 126, 127, 65_535, 65_536, 200_000])('of %i bytes is read as what was written', async (length) => {
    for (const data of [Buffer.alloc(length, 7), 'é'.repeat(length / 2) + 'x'.repeat(length % 2)]) {
      const receiver = new Receiver({ isServer: false })
      const read = new Promise((resolve) =>
        receiver.once('message', (message, isBinary) => resolve([message, isBinary])),
      )
      receiver.write(frameOf(data))
      expect(await read).toEqual([Buffer.from(data), typeof data !== 'string'])
    }
  })

  it('is made once for all who get the message', () => {
    const data = Buffer.from('state')
    expect(frameOf(data)).toBe(frameOf(data))
    expect(frameOf(Buffer.from('state'))).not.toBe(frameOf(data))
  })
})
