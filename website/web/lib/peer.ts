// One direct connection to another player's browser. What comes over it is hostile: capped in size and rate, never looked into.
//
// opening  the descriptions travel through the room, or the browsers try each other's addresses; closed after OPEN_MS.
// open     messages go both ways, each may be lost; closed when the other has been silent for SILENCE_MS, or misbehaves.
// closed   for good. A new connection is a new Peer.
import { Bucket } from '@sandlot/shared/bucket.ts'
import { MAX_PEER_BYTES, MAX_SIGNAL_CHARS } from '@sandlot/shared/limits.ts'

const OPEN_MS = 10_000
const GATHER_MS = 1_500 // own addresses are known at once, those that a server tells in less
const PING_MS = 500
const SILENCE_MS = 3_000
const MESSAGES_PER_SECOND = 120 // twice what an honest page sends
const MAX_DROPPED = 1_000 // one who sends as much in vain is no player
const MAX_WAITING_BYTES = 64 * 1024 // states that wait are old: the next one is better
const MAX_CANDIDATES = 20
const [PING, PONG, DATA] = [0, 1, 2]
const HEAD_BYTES = 1
const PING_BYTES = HEAD_BYTES + 8

export interface PeerEvents {
  /** A description for the other side. */
  signal(data: string): void
  opened(): void
  heard(data: Uint8Array<ArrayBuffer>): void
  /** `hostile`: for what the other side sent. */
  closed(why: 'lost' | 'hostile'): void
}

export class Peer {
  readonly #events: PeerEvents
  readonly #connection: RTCPeerConnection
  readonly #channel: RTCDataChannel
  readonly #allowance = new Bucket(MESSAGES_PER_SECOND, MESSAGES_PER_SECOND)
  readonly #openTimer: ReturnType<typeof setTimeout>
  #pinger: ReturnType<typeof setInterval> | undefined
  #heardAtMs = 0
  #dropped = 0
  #open = false
  #closed = false
  #roundTripMs: number | null = null

  constructor(iceServers: RTCIceServer[], events: PeerEvents) {
    this.#events = events
    this.#connection = new RTCPeerConnection({ iceServers })
    // Late is worse than lost: the newest state makes older ones worthless, and all of them go through the room too.
    this.#channel = this.#connection.createDataChannel('game', {
      negotiated: true,
      id: 0,
      ordered: false,
      maxRetransmits: 0,
    })
    this.#channel.binaryType = 'arraybuffer'
    this.#channel.onopen = () => this.#opened()
    this.#channel.onmessage = ({ data }) => this.#received(data)
    this.#channel.onclose = () => this.#end('lost')
    this.#connection.onconnectionstatechange = () => {
      if (['failed', 'closed'].includes(this.#connection.connectionState)) this.#end('lost')
    }
    this.#openTimer = setTimeout(() => {
      if (!this.#open) this.#end('lost')
    }, OPEN_MS)
  }

  get open(): boolean {
    return this.#open && !this.#closed
  }
  get roundTripMs(): number | null {
    return this.#roundTripMs
  }

  /** Asks the other side to connect. */
  offer(): Promise<void> {
    return this.#describe(() => this.#connection.createOffer())
  }
  /** Agrees to what the other side asked. */
  answer(offer: string): Promise<void> {
    return this.#describe(async () => {
      await this.#connection.setRemoteDescription({ type: 'offer', sdp: offer })
      return this.#connection.createAnswer()
    })
  }
  /** The other side agreed. */
  async accept(answer: string): Promise<void> {
    try {
      await this.#connection.setRemoteDescription({ type: 'answer', sdp: answer })
    } catch {
      this.#end('lost')
    }
  }

  async #describe(make: () => Promise<RTCSessionDescriptionInit>): Promise<void> {
    try {
      await this.#connection.setLocalDescription(await make())
      await this.#gathered()
      const { type, sdp } = this.#connection.localDescription!
      if (!this.#closed) this.#events.signal(JSON.stringify({ type, sdp }).slice(0, MAX_SIGNAL_CHARS))
    } catch {
      this.#end('lost')
    }
  }

  #gathered(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    const look = () => {
      if (this.#connection.iceGatheringState === 'complete') resolve()
    }
    this.#connection.addEventListener('icegatheringstatechange', look)
    look()
    setTimeout(resolve, GATHER_MS)
    return promise
  }

  #opened(): void {
    this.#open = true
    this.#heardAtMs = performance.now()
    this.#pinger = setInterval(() => this.#ping(), PING_MS)
    this.#ping()
    this.#events.opened()
  }

  #ping(): void {
    if (performance.now() - this.#heardAtMs > SILENCE_MS) {
      this.#end('lost')
      return
    }
    const ping = new DataView(new ArrayBuffer(PING_BYTES))
    ping.setUint8(0, PING!)
    ping.setFloat64(HEAD_BYTES, performance.now())
    this.#put(new Uint8Array(ping.buffer))
  }

  /** Sends a message, unless too much waits already. */
  send(data: Uint8Array): void {
    const message = new Uint8Array(HEAD_BYTES + data.length)
    message[0] = DATA!
    message.set(data, HEAD_BYTES)
    this.#put(message)
  }

  #put(message: Uint8Array<ArrayBuffer>): void {
    if (this.#channel.readyState !== 'open' || this.#channel.bufferedAmount > MAX_WAITING_BYTES) return
    this.#channel.send(message)
  }

  #received(data: unknown): void {
    if (this.#closed) return
    const size = data instanceof ArrayBuffer ? data.byteLength : 0
    if (size < HEAD_BYTES || size > HEAD_BYTES + MAX_PEER_BYTES) {
      this.#end('hostile')
      return
    }
    if (!this.#allowance.take(performance.now())) {
      if (++this.#dropped > MAX_DROPPED) this.#end('hostile')
      return
    }
    this.#heardAtMs = performance.now()
    const bytes = new Uint8Array(data as ArrayBuffer)
    if (bytes[0] === DATA) this.#events.heard(bytes.slice(HEAD_BYTES))
    else if (bytes.length !== PING_BYTES) this.#end('hostile')
    else if (bytes[0] === PING) {
      bytes[0] = PONG!
      this.#put(bytes)
    } else {
      const ms = performance.now() - new DataView(bytes.buffer).getFloat64(HEAD_BYTES)
      if (ms >= 0 && ms < SILENCE_MS) this.#roundTripMs = ms // anything else is no answer to a ping of ours
    }
  }

  close(): void {
    if (this.#closed) return
    this.#closed = true
    clearTimeout(this.#openTimer)
    clearInterval(this.#pinger)
    this.#connection.close()
  }

  #end(why: 'lost' | 'hostile'): void {
    if (this.#closed) return
    this.close()
    this.#events.closed(why)
  }
}

/** What another player's browser wants us to know, or undefined: only descriptions of a single data connection, with few addresses. */
export function readSignal(data: string): { type: 'offer' | 'answer'; sdp: string } | undefined {
  let value: unknown
  try {
    value = JSON.parse(data)
  } catch {
    return undefined
  }
  if (typeof value !== 'object' || value === null) return undefined
  const { type, sdp } = value as Record<string, unknown>
  if ((type !== 'offer' && type !== 'answer') || typeof sdp !== 'string') return undefined
  const media = sdp.match(/^m=.*$/gm) ?? []
  if (media.length !== 1 || !media[0]!.startsWith('m=application ')) return undefined
  if ((sdp.match(/^a=candidate:/gm) ?? []).length > MAX_CANDIDATES) return undefined
  return { type, sdp }
}
