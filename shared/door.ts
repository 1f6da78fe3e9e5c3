// The HTTP server of a door of the link. It takes the other machine for hostile: it reads a request only as far as its caller is
// known, in turn, within its rate, of the right kind, small and in time. What is left goes to the door's router. For Node only.
import {
  createServer,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http'
import type { Socket } from 'node:net'
import { Bucket } from './bucket.ts'
import { DOOR_TIMEOUT_MS } from './limits.ts'

const CHECK_MS = 1_000 // how often Node looks for requests that are late; its default is 30 s
const IDLE_MS = 60_000 // a connection that says nothing is closed
const MAX_HEADER_BYTES = 8 * 1024 // the longest input in an address is a path of 200 characters
const MAX_HEADERS = 64
const MAX_CONNECTIONS = 1_000
const MAX_CONNECTIONS_PER_ADDRESS = 100 // a caller holds a handful
const STRANGERS_PER_SECOND = 10 // calls without a known token, from one address
const STRANGERS_BURST = 50
const MAX_ADDRESSES = 10_000 // whose rate is remembered

export interface DoorOptions {
  /** Who calls, by what the request shows; null: nobody we know. */
  caller: (request: IncomingMessage) => string | null
  /** Hears each request whose body, if any, is the text `request.body`. */
  router: RequestListener
  maxBodyBytes: number
  /** Of one caller, in the long run; twice as many at once. */
  callsPerSecond: number
  /** Of one caller: calls that run at the same time, and calls that wait for those. */
  atOnce: number
  waiting: number
  /** Told of calls that are turned away, not more often than once a second. */
  onRefused?: (refusal: { why: string; caller: string | null; address: string | undefined; count: number }) => void
}

type Refusal = 'method' | 'media-type' | 'length' | 'too-large' | 'not-text' | 'too-many' | 'too-many-connections'

const REFUSALS: Record<Refusal, { status: number; code: string; rpc: number; text: string }> = {
  method: { status: 405, code: 'METHOD_NOT_SUPPORTED', rpc: -32005, text: 'This door takes GET and POST.' },
  'media-type': { status: 415, code: 'UNSUPPORTED_MEDIA_TYPE', rpc: -32015, text: 'This door takes application/json.' },
  length: { status: 400, code: 'BAD_REQUEST', rpc: -32600, text: 'A GET has no body.' },
  'too-large': {
    status: 413,
    code: 'PAYLOAD_TOO_LARGE',
    rpc: -32013,
    text: 'This body is larger than the door takes.',
  },
  'not-text': { status: 400, code: 'BAD_REQUEST', rpc: -32600, text: 'This body is not text in UTF-8.' },
  'too-many': { status: 429, code: 'TOO_MANY_REQUESTS', rpc: -32029, text: 'Too many calls. Try again in a moment.' },
  'too-many-connections': { status: 429, code: 'TOO_MANY_REQUESTS', rpc: -32029, text: 'Too many connections.' },
}

/** A server that does not listen yet. */
export function doorServer(options: DoorOptions): Server {
  const server = createServer({
    requestTimeout: DOOR_TIMEOUT_MS,
    headersTimeout: DOOR_TIMEOUT_MS / 2,
    connectionsCheckingInterval: CHECK_MS,
    maxHeaderSize: MAX_HEADER_BYTES,
  })
  server.maxHeadersCount = MAX_HEADERS
  server.maxConnections = MAX_CONNECTIONS
  server.timeout = IDLE_MS
  const connections = new Connections()
  const known = new Callers(options.callsPerSecond, 2 * options.callsPerSecond, options.atOnce, options.waiting)
  const strangers = new Callers(STRANGERS_PER_SECOND, STRANGERS_BURST, options.atOnce, 0)
  const told = new Told(options.onRefused ?? (() => {}))

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const address = request.socket.remoteAddress
    const caller = options.caller(request)
    const refuse = (why: Refusal): void => {
      told.refused(why, caller, address)
      answer(response, why)
    }
    if (connections.surplus(request.socket)) return refuse('too-many-connections')
    const turn = caller === null ? strangers.of(address ?? '') : known.of(caller)
    if (!turn.take()) return refuse('too-many')
    const bad = unfit(request, options.maxBodyBytes)
    if (bad) return refuse(bad)
    if (!(await turn.enter())) return refuse('too-many')
    response.once('close', () => turn.leave())
    if (response.destroyed) return turn.leave()
    const body = request.method === 'POST' ? await text(request, options.maxBodyBytes) : { ok: true as const, text: '' }
    if (!body) return // the caller has gone
    if (!body.ok) return refuse(body.why)
    if (request.method === 'POST') Object.assign(request, { body: body.text })
    options.router(request, response)
  }

  server.on('connection', (socket: Socket) => connections.add(socket))
  server.on('request', (request, response) => void serve(request, response))
  return server
}

/** What is wrong with a request before its body is read. */
function unfit(request: IncomingMessage, maxBodyBytes: number): Refusal | undefined {
  const { 'content-length': length, 'content-type': type, 'transfer-encoding': coding } = request.headers
  const hasBody = coding !== undefined || Number(length ?? 0) > 0
  if (request.method === 'GET') return hasBody ? 'length' : undefined
  if (request.method !== 'POST') return 'method'
  if (!/^application\/json\s*(;|$)/i.test(type ?? '')) return 'media-type'
  return Number(length ?? 0) > maxBodyBytes ? 'too-large' : undefined
}

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Undefined when the caller goes away, or is too slow and its connection is cut. */
async function text(
  request: IncomingMessage,
  maxBytes: number,
): Promise<{ ok: true; text: string } | { ok: false; why: Refusal } | undefined> {
  const chunks: Buffer[] = []
  let bytes = 0
  try {
    for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      bytes += chunk.length
      if (bytes > maxBytes) return { ok: false, why: 'too-large' }
      chunks.push(chunk)
    }
  } catch {
    return undefined
  }
  try {
    return { ok: true, text: decoder.decode(Buffer.concat(chunks)) }
  } catch {
    return { ok: false, why: 'not-text' }
  }
}

/** In the form of tRPC's errors, so that its clients read it. The connection ends: what else it sends is not read. */
function answer(response: ServerResponse, why: Refusal): void {
  const { status, code, rpc, text } = REFUSALS[why]
  const headers: OutgoingHttpHeaders = { 'content-type': 'application/json', connection: 'close' }
  if (status === 429) headers['retry-after'] = '1'
  const error = { message: text, code: rpc, data: { code, httpStatus: status } }
  response.writeHead(status, headers).end(JSON.stringify({ error }))
}

/** The connections of each address. A surplus one gets one answer; twice too many are cut at once. */
class Connections {
  #open = new Map<string, Set<Socket>>()
  #surplus = new WeakSet<Socket>()

  add(socket: Socket): void {
    const address = socket.remoteAddress
    if (address === undefined) return // a unix socket
    const open = this.#open.get(address) ?? new Set()
    this.#open.set(address, open.add(socket))
    socket.once('close', () => {
      open.delete(socket)
      if (open.size === 0 && this.#open.get(address) === open) this.#open.delete(address)
    })
    if (open.size > MAX_CONNECTIONS_PER_ADDRESS) this.#surplus.add(socket)
    if (open.size > 2 * MAX_CONNECTIONS_PER_ADDRESS) socket.destroy()
  }

  surplus(socket: Socket): boolean {
    return this.#surplus.has(socket)
  }
}

/** One caller's rate and turns. */
class Caller {
  #calls: Bucket
  #limits: { atOnce: number; waiting: number }
  #running = 0
  #waiting: (() => void)[] = []

  constructor(perSecond: number, burst: number, atOnce: number, waiting: number) {
    this.#calls = new Bucket(perSecond, burst)
    this.#limits = { atOnce, waiting }
  }

  get idle(): boolean {
    return this.#running === 0
  }

  /** False: called more often than it may. */
  take(): boolean {
    return this.#calls.take(performance.now())
  }

  /** Resolves with true when it is this call's turn, to be followed by one `leave`; with false when too many wait already. */
  async enter(): Promise<boolean> {
    if (this.#running < this.#limits.atOnce) {
      this.#running++
      return true
    }
    if (this.#waiting.length >= this.#limits.waiting) return false
    await new Promise<void>((resolve) => this.#waiting.push(resolve)) // whoever leaves hands on its turn
    return true
  }

  leave(): void {
    const next = this.#waiting.shift()
    if (next) next()
    else this.#running--
  }
}

class Callers {
  #make: () => Caller
  #callers = new Map<string, Caller>()

  constructor(...limits: ConstructorParameters<typeof Caller>) {
    this.#make = () => new Caller(...limits)
  }

  of(name: string): Caller {
    const caller = this.#callers.get(name) ?? this.#make()
    if (this.#callers.size >= MAX_ADDRESSES) this.#forgetIdle()
    this.#callers.set(name, caller)
    return caller
  }

  #forgetIdle(): void {
    for (const [name, caller] of this.#callers) if (caller.idle) this.#callers.delete(name)
  }
}

/** Says that calls were turned away, at most once a second, with how many they were. */
class Told {
  #tell: NonNullable<DoorOptions['onRefused']>
  #count = 0
  #nextMs = 0

  constructor(tell: NonNullable<DoorOptions['onRefused']>) {
    this.#tell = tell
  }

  refused(why: Refusal, caller: string | null, address: string | undefined): void {
    this.#count++
    const now = performance.now()
    if (now < this.#nextMs) return
    this.#tell({ why: REFUSALS[why].text, caller, address, count: this.#count })
    this.#count = 0
    this.#nextMs = now + 1_000
  }
}
