// How many connections one client address may have. Of IPv6 the first 64 bits count: the rest is the client's to choose.
import { type AddressInfo, isIPv6, type Server, type Socket } from 'node:net'
import { MAX_CONNECTIONS, MAX_CONNECTIONS_PER_ADDRESS, NEW_CONNECTIONS_PER_SECOND } from '@sandlot/shared/limits.ts'
import { Bucket } from './bucket.ts'

/** `max` open at once; `perSecond` new ones in the long run, and as many as may be open at once. */
export interface AddressLimits {
  max: number
  perSecond: number
}

interface Client {
  open: number
  bucket: Bucket
  /** When it had its last connection, in the clock of the caller. */
  seenMs: number
}

const SWEEP_EVERY = 1_000 // new addresses

export class Addresses {
  #limits: AddressLimits
  #clients = new Map<string, Client>()
  #untilSweep = SWEEP_EVERY

  constructor(limits: AddressLimits) {
    this.#limits = limits
  }

  /** Lets one connection of `address` in, to be followed by `leave`, or says what there is too much of. */
  enter(address: string, nowMs: number): 'in' | 'too-many' | 'too-fast' {
    const key = networkOf(address)
    let client = this.#clients.get(key)
    if (!client) {
      const { perSecond, max } = this.#limits
      client = { open: 0, bucket: new Bucket(perSecond, max), seenMs: nowMs }
      this.#clients.set(key, client)
      if (--this.#untilSweep <= 0) this.#sweep(nowMs)
    }
    client.seenMs = nowMs
    if (client.open >= this.#limits.max) return 'too-many'
    if (!client.bucket.take(nowMs)) return 'too-fast'
    client.open++
    return 'in'
  }

  /** A connection that was let in is gone. */
  leave(address: string): void {
    const client = this.#clients.get(networkOf(address))
    if (client) client.open--
  }

  /** Forgets clients that have no connection and a full bucket, so that many addresses take no memory for long. */
  #sweep(nowMs: number): void {
    this.#untilSweep = SWEEP_EVERY
    const fullMs = (this.#limits.max / this.#limits.perSecond) * 1000
    for (const [key, { open, seenMs }] of this.#clients)
      if (open === 0 && nowMs > seenMs + fullMs) this.#clients.delete(key)
  }
}

/** The part of an address that its user cannot change at will. Text that is no address stays as it is. */
export function networkOf(address: string): string {
  const bare = address.split('%', 1)[0]! // a zone, as in fe80::1%eth0
  if (!isIPv6(bare)) return address
  const groups = new URL(`http://[${bare}]/`).hostname.slice(1, -1) // lower case, without leading zeros, IPv4 parts in hex
  const [left, right] = groups.split('::').map((half) => (half === '' ? [] : half.split(':'))) as [string[], string[]?]
  const all = right ? [...left, ...Array(8 - left.length - right.length).fill('0'), ...right] : left
  const mapped = all.slice(0, 6).join(':') === '0:0:0:0:0:ffff' // ::ffff:192.0.2.1, as a port for both kinds says it
  if (!mapped) return `${all.slice(0, 4).join(':')}::/64`
  return all
    .slice(6)
    .flatMap((group) => [Number.parseInt(group, 16) >> 8, Number.parseInt(group, 16) & 255])
    .join('.') // prettier-ignore
}

const TOO_MANY = 'Your network has too many connections to this server. Close some, or wait a moment.\n'

/** Caps what is open on a TCP port, in all and of each address. A unix socket has no addresses: there, only in all. */
export function capConnections(server: Server): void {
  server.maxConnections = MAX_CONNECTIONS
  const addresses = new Addresses({ max: MAX_CONNECTIONS_PER_ADDRESS, perSecond: NEW_CONNECTIONS_PER_SECOND })
  server.prependListener('connection', (socket: Socket) => {
    const address = (socket.remoteAddress ?? (socket.address() as AddressInfo).address) as string | undefined
    if (address === undefined) return
    if (addresses.enter(address, performance.now()) === 'in') {
      socket.once('close', () => addresses.leave(address))
      return
    }
    socket.on('error', () => {}) // nobody reads the sentence; 'close' follows
    socket.end(
      `HTTP/1.1 429 Too Many Requests\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: ${TOO_MANY.length}\r\nRetry-After: 5\r\nConnection: close\r\n\r\n${TOO_MANY}`,
    )
    socket.destroySoon()
  })
}
