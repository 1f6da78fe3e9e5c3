// Direct connections between the pages of one room's players, for games that want them: from the host to everybody else. They only make a game
// faster: all that counts goes through the room too, so each of them may fail or be refused without a word.
import { Bucket } from '@sandlot/shared/bucket.ts'
import { MAX_PEERS } from '@sandlot/shared/limits.ts'
import type { PageToRuntime, RuntimeToPage } from '@sandlot/shared/protocol/messages.ts'
import { PEER_MESSAGES_AT_ONCE } from '@sandlot/shared/protocol/page.ts'
import { Peer, readSignal } from './peer.ts'

const TELL_MS = 1_000
const BATCH_MS = 12 // a game looks at what came once a drawn frame
const RETRY_MS = 2_000
const MAX_TRIES = 4 // to one host; where it does not work it never will
const MIN_OFFER_GAP_MS = 1_000 // of one player
const MAKES_PER_SECOND = 2 // a browser has room for 500 connections, closed ones for a while too
const MAKES_AT_ONCE = 2 * MAX_PEERS

type Wanted = Omit<Extract<RuntimeToPage, { type: 'PEERS' }>, 'type'>
type Message = Extract<PageToRuntime, { type: 'PEER_DATA' }>['messages'][number]

export class Peers {
  readonly #say: (message: PageToRuntime) => void
  readonly #iceServers: Promise<RTCIceServer[]>
  readonly #peers = new Map<string, Peer>()
  readonly #offeredAtMs = new Map<string, number>()
  readonly #refused = new Set<string>()
  readonly #makes = new Bucket(MAKES_PER_SECOND, MAKES_AT_ONCE)
  #wanted: Wanted = { me: '', host: null, players: [] }
  #tries = 0
  #retry: ReturnType<typeof setTimeout> | undefined
  #batch: Message[] = []
  #batchTimer: ReturnType<typeof setTimeout> | undefined
  #batchAtMs = 0
  #teller: ReturnType<typeof setInterval>
  #closed = false

  /** `iceServers`: those of the operator, if any. Without WebRTC in this browser nothing ever connects. */
  constructor(say: (message: PageToRuntime) => void, iceServers: Promise<RTCIceServer[]>) {
    this.#say = say
    this.#iceServers = iceServers.catch(() => [])
    this.#teller = setInterval(() => this.#tell(), TELL_MS)
  }

  /** Who plays now. Connections that are of no use any more are closed. */
  want(wanted: Wanted): void {
    const { host, me } = this.#wanted
    this.#wanted = wanted
    if (wanted.host !== host || wanted.me !== me) {
      this.#tries = 0
      this.#closeAll()
    }
    for (const [id, peer] of this.#peers) {
      if (this.#isPartner(id)) continue
      peer.close()
      this.#peers.delete(id)
    }
    if (wanted.host !== null && wanted.host !== wanted.me && !this.#peers.has(wanted.host)) void this.#connect()
    this.#tell()
  }

  /** Whether there may be a connection to this player: one of the two is the host. */
  #isPartner(id: string): boolean {
    const { me, host, players } = this.#wanted
    return id !== me && (me === host ? players.includes(id) : id === host) && !this.#refused.has(id)
  }

  /** What another player's browser said. */
  async signal(from: string, data: string): Promise<void> {
    const signal = readSignal(data)
    if (!signal || !this.#isPartner(from)) return
    if (signal.type === 'answer') {
      if (this.#wanted.me !== this.#wanted.host) await this.#peers.get(from)?.accept(signal.sdp)
      return
    }
    const nowMs = performance.now()
    if (this.#wanted.me !== this.#wanted.host) return // the others ask, the host answers
    if (nowMs < (this.#offeredAtMs.get(from) ?? -Infinity) + MIN_OFFER_GAP_MS) return
    this.#offeredAtMs.set(from, nowMs)
    this.#peers.get(from)?.close()
    this.#peers.delete(from)
    const peer = await this.#make(from)
    await peer?.answer(signal.sdp)
  }

  /** For everybody who is connected. */
  send(data: Uint8Array): void {
    for (const peer of this.#peers.values()) if (peer.open) peer.send(data)
  }

  async #connect(): Promise<void> {
    clearTimeout(this.#retry)
    const { host } = this.#wanted
    if (host === null || this.#tries++ >= MAX_TRIES || !this.#isPartner(host)) return
    const peer = await this.#make(host)
    await peer?.offer()
  }

  async #make(id: string): Promise<Peer | undefined> {
    const iceServers = await this.#iceServers
    if (this.#closed || !this.#isPartner(id) || this.#peers.has(id) || this.#peers.size >= MAX_PEERS) return undefined
    if (typeof RTCPeerConnection === 'undefined' || !this.#makes.take(performance.now())) return undefined
    let peer: Peer
    try {
      peer = new Peer(iceServers, {
        signal: (data) => this.#say({ type: 'SIGNAL', player: id, data }),
        opened: () => {
          this.#tries = 0
          this.#tell()
        },
        heard: (data) => this.#heard({ from: id, data }),
        closed: (why) => this.#lost(id, peer, why),
      })
    } catch {
      return undefined // this browser allows no more connections, or none at all
    }
    this.#peers.set(id, peer)
    return peer
  }

  #lost(id: string, peer: Peer, why: 'lost' | 'hostile'): void {
    if (this.#peers.get(id) !== peer) return
    this.#peers.delete(id)
    if (why === 'hostile') this.#refused.add(id)
    this.#tell()
    if (id === this.#wanted.host) this.#retry = setTimeout(() => void this.#connect(), RETRY_MS * 2 ** this.#tries)
  }

  /** The first message at once, what comes soon after it together. */
  #heard(message: Message): void {
    if (this.#batch.length < PEER_MESSAGES_AT_ONCE) this.#batch.push(message)
    if (this.#batchTimer !== undefined) return
    const waitMs = this.#batchAtMs + BATCH_MS - performance.now()
    if (waitMs <= 0) this.#passOn()
    else this.#batchTimer = setTimeout(() => this.#passOn(), waitMs)
  }
  #passOn(): void {
    this.#batchTimer = undefined
    this.#batchAtMs = performance.now()
    const messages = this.#batch
    this.#batch = []
    this.#say({ type: 'PEER_DATA', messages })
  }

  #tell(): void {
    const open = [...this.#peers].filter(([, peer]) => peer.open)
    const times = open.map(([, { roundTripMs }]) => roundTripMs).filter((ms) => ms !== null)
    const average = times.length === 0 ? null : times.reduce((sum, ms) => sum + ms, 0) / times.length
    this.#say({ type: 'PEERS', open: open.map(([id]) => id), roundTripMs: average })
  }

  #closeAll(): void {
    clearTimeout(this.#retry)
    for (const peer of this.#peers.values()) peer.close()
    this.#peers.clear()
  }

  close(): void {
    this.#closed = true
    clearInterval(this.#teller)
    clearTimeout(this.#batchTimer)
    this.#closeAll()
  }
}
