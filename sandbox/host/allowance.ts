// What one player may send, and how much it does send.
import { Bucket } from '@sandlot/shared/bucket.ts'
import {
  MESSAGE_BURST,
  MESSAGES_PER_SECOND,
  PLAYER_BYTES_BURST,
  PLAYER_BYTES_PER_SECOND,
} from '@sandlot/shared/limits.ts'

const MESSAGES_SAVED_S = MESSAGE_BURST / MESSAGES_PER_SECOND
const BYTES_SAVED_S = PLAYER_BYTES_BURST / PLAYER_BYTES_PER_SECOND

/** Of one player, over all its connections. */
export class Allowance {
  #messages: Bucket
  #bytes: Bucket
  #sent = { messages: 0, bytes: 0, sinceMs: 0 }

  constructor(messagesPerSecond: number, bytesPerSecond: number) {
    this.#messages = new Bucket(messagesPerSecond, messagesPerSecond * MESSAGES_SAVED_S)
    this.#bytes = new Bucket(bytesPerSecond, bytesPerSecond * BYTES_SAVED_S)
  }

  /** Takes one message of `bytes`; what there was not enough of, or undefined. */
  take(nowMs: number, bytes: number): 'messages' | 'bytes' | undefined {
    this.#sent.messages++
    this.#sent.bytes += bytes
    if (!this.#messages.take(nowMs)) return 'messages'
    return this.#bytes.take(nowMs, bytes) ? undefined : 'bytes'
  }

  /** What was sent a second since the last call; undefined: nothing was. */
  measure(nowMs: number): { messages: number; bytes: number } | undefined {
    const { messages, bytes, sinceMs } = this.#sent
    this.#sent.sinceMs = nowMs
    if (messages === 0) return undefined
    const seconds = Math.max(1, (nowMs - sinceMs) / 1000)
    this.#sent.messages = 0
    this.#sent.bytes = 0
    return { messages: messages / seconds, bytes: bytes / seconds }
  }
}
