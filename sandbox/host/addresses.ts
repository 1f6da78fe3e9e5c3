// How many connections one client address may have. Of IPv6 the first 64 bits count: the rest is the client's to choose.
import type { AddressInfo, Server, Socket } from 'node:net'
import { Bucket } from '@sandlot/shared/bucket.ts'
import type { Budgets } from '@sandlot/shared/budgets.ts'
import { CONNECTIONS_PER_SOCKET, MAX_CONNECTIONS, NEW_CONNECTIONS_PER_SOCKET } from '@sandlot/shared/limits.ts'
import { networkOf } from '@sandlot/shared/network.ts'

/** `max` open at once; `perSecond` new ones in the long run, and as many as may be open at once. */
export interface AddressLimits {
  max: number
  perSecond: number
}

interface Client {
  open: number
  /** Let in since the last `measure`. */
  entered: number
  bucket: Bucket
  /** When it had its last connection, in the clock of the caller. */
  seenMs: number
}

const SWEEP_EVERY = 1_000 // new addresses

export class Addresses {
  #limits: () => AddressLimits
  #clients = new Map<string, Client>()
  #untilSweep = SWEEP_EVERY

  /** `limits` are asked for with each connection; an address that is known keeps its rate. */
  constructor(limits: () => AddressLimits) {
    this.#limits = limits
  }

  /** Lets one connection of `address` in, to be followed by `leave`, or says what there is too much of. */
  enter(address: string, nowMs: number): 'in' | 'too-many' | 'too-fast' {
    const key = networkOf(address)
    const { perSecond, max } = this.#limits()
    let client = this.#clients.get(key)
    if (!client) {
      client = { open: 0, entered: 0, bucket: new Bucket(perSecond, max), seenMs: nowMs }
      this.#clients.set(key, client)
      if (--this.#untilSweep <= 0) this.#sweep(nowMs)
    }
    client.seenMs = nowMs
    if (client.open >= max) return 'too-many'
    if (!client.bucket.take(nowMs)) return 'too-fast'
    client.open++
    client.entered++
    return 'in'
  }

  /** A connection that was let in is gone. */
  leave(address: string): void {
    const client = this.#clients.get(networkOf(address))
    if (client) client.open--
  }

  /** The most that any address has open, and has opened since the last call. To be called about once a second. */
  measure(): { open: number; entered: number } {
    const most = { open: 0, entered: 0 }
    for (const client of this.#clients.values()) {
      most.open = Math.max(most.open, client.open)
      most.entered = Math.max(most.entered, client.entered)
      client.entered = 0
    }
    return most
  }

  /** Forgets clients that have no connection and a full bucket, so that many addresses take no memory for long. */
  #sweep(nowMs: number): void {
    this.#untilSweep = SWEEP_EVERY
    const { perSecond, max } = this.#limits()
    const fullMs = (max / perSecond) * 1000
    for (const [key, { open, seenMs }] of this.#clients)
      if (open === 0 && nowMs > seenMs + fullMs) this.#clients.delete(key)
  }
}

const TOO_MANY = 'Your network has too many connections to this server. Close some, or wait a moment.\n'

/**
 * Caps what is open on a TCP port, in all and of each address. A unix socket has no addresses: there, only in all.
 * `refused` is called for each connection that an address had too many.
 */
export function capConnections(
  server: Server,
  budgets: () => Pick<Budgets, 'addressSockets' | 'addressSocketsPerSecond'>,
  refused: () => void = () => {},
): void {
  server.maxConnections = MAX_CONNECTIONS
  const addresses = new Addresses(() => ({
    max: budgets().addressSockets * CONNECTIONS_PER_SOCKET,
    perSecond: budgets().addressSocketsPerSecond * NEW_CONNECTIONS_PER_SOCKET,
  }))
  server.prependListener('connection', (socket: Socket) => {
    const address = (socket.remoteAddress ?? (socket.address() as AddressInfo).address) as string | undefined
    if (address === undefined) return
    if (addresses.enter(address, performance.now()) === 'in') {
      socket.once('close', () => addresses.leave(address))
      return
    }
    refused()
    socket.on('error', () => {}) // nobody reads the sentence; 'close' follows
    socket.end(
      `HTTP/1.1 429 Too Many Requests\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: ${TOO_MANY.length}\r\nRetry-After: 5\r\nConnection: close\r\n\r\n${TOO_MANY}`,
    )
    socket.destroySoon()
  })
}
