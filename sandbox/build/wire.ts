// What a builder and the process that makes one build say to each other over its socket, which is the process's identity: a head of JSON
// and the bytes that it is about. A builder takes nothing that it hears for granted.
import type { Writable } from 'node:stream'
import type { Budgets } from '@sandlot/shared/budgets.ts'

/** Builder -> process, first and last. The bytes: the contents of `code`, one behind the other. */
export interface Job {
  /** Of all files of the game. */
  paths: string[]
  /** Of those that the process reads: code and game.json. */
  code: string[]
  /** Of the contents, in bytes. */
  sizes: number[]
  /** What the game may use; the build is tried under these. */
  budgets: Budgets
  /** Of processor time that the build may take, in milliseconds. */
  cpuMs: number
}

export interface Message {
  head: unknown
  body: Buffer
}

const LENGTHS_BYTES = 8 // of the head and of the body, four each

/** Resolves when the system has taken all of it. Rejects when the other end is gone. */
export async function send(link: Writable, head: unknown, contents: readonly Uint8Array[] = []): Promise<void> {
  const text = Buffer.from(JSON.stringify(head))
  const lengths = Buffer.alloc(LENGTHS_BYTES)
  lengths.writeUInt32BE(text.length, 0)
  lengths.writeUInt32BE(
    contents.reduce((sum, { length }) => sum + length, 0),
    4,
  )
  const parts = [lengths, text, ...contents]
  const last = parts.pop()!
  link.cork()
  for (const part of parts) link.write(part)
  const taken = new Promise<void>((resolve, reject) => link.write(last, (error) => (error ? reject(error) : resolve())))
  link.uncork()
  await taken
}

/**
 * What comes out of `link`, message by message, until it ends. Throws when it ends in the middle of one, when one has more bytes than `max`
 * allows, or a head that is not JSON.
 */
export async function* messages(
  link: AsyncIterable<Buffer>,
  max: { headBytes: number; bodyBytes: number } = { headBytes: Infinity, bodyBytes: Infinity },
): AsyncGenerator<Message, undefined> {
  const chunks = link[Symbol.asyncIterator]()
  let rest: Buffer = Buffer.alloc(0)
  const take = async (bytes: number): Promise<Buffer | undefined> => {
    const taken = Buffer.allocUnsafeSlow(bytes)
    for (let length = 0; length < bytes; ) {
      if (rest.length === 0) {
        const next = await chunks.next()
        if (next.done) return undefined
        rest = next.value
      }
      const copied = rest.copy(taken, length)
      rest = rest.subarray(copied)
      length += copied
    }
    return taken
  }
  for (;;) {
    const lengths = await take(LENGTHS_BYTES)
    if (!lengths) return undefined
    const [headBytes, bodyBytes] = [lengths.readUInt32BE(0), lengths.readUInt32BE(4)]
    if (headBytes > max.headBytes || bodyBytes > max.bodyBytes) throw new Error('a message that is too long')
    const head = await take(headBytes)
    const body = await take(bodyBytes)
    if (!head || !body) throw new Error('a message that is not whole')
    yield { head: JSON.parse(head.toString()), body }
  }
}

/** `body` cut into pieces of these sizes. Throws when they are not all of it. */
export function pieces(body: Buffer, sizes: readonly number[]): Buffer[] {
  let at = 0
  const found = sizes.map((size) => {
    at += size
    return body.subarray(at - size, at)
  })
  if (at !== body.length) throw new Error('sizes that are not those of the bytes')
  return found
}
