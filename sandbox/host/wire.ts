// Messages to players as websocket frames, made once however many get the message (RFC 6455, 5.2: unmasked, whole, not compressed).

const FIN = 0x80
const TEXT = 1
const BINARY = 2

let last: { data: string | Buffer; frame: Buffer } | undefined

/** The frame of `data`: text for a string, else bytes. A room sends one message to its players in a row, so the last one is kept. */
export function frameOf(data: string | Buffer): Buffer {
  if (last?.data !== data) last = { data, frame: make(data) }
  return last.frame
}

function make(data: string | Buffer): Buffer {
  const length = Buffer.byteLength(data)
  const headLength = length < 126 ? 2 : length < 65_536 ? 4 : 10
  const frame = Buffer.allocUnsafe(headLength + length)
  frame[0] = FIN | (typeof data === 'string' ? TEXT : BINARY)
  if (headLength === 2) frame[1] = length
  else if (headLength === 4) {
    frame[1] = 126
    frame.writeUInt16BE(length, 2)
  } else {
    frame[1] = 127
    frame.writeBigUInt64BE(BigInt(length), 2)
  }
  if (typeof data === 'string') frame.write(data, headLength)
  else data.copy(frame, headLength)
  return frame
}
