// The front door of development: /GAME/… to that game's unix socket, HTTP and websockets. In production Caddy does this, and comes here, to a
// unix socket, with what it cannot deliver: a game that has to be started, or is not there.
import { createServer, type IncomingMessage, type Server, type ServerResponse, STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import { type Budgets, DEFAULT_BUDGETS } from '@sandlot/shared/budgets.ts'
import { gameId } from '@sandlot/shared/ids.ts'
import { createProxyServer } from 'http-proxy-3'
import type { Logger } from 'pino'
import { capConnections } from '../host/addresses.ts'
import { isPlainRequest } from '../host/headers.ts'
import { HTTP_LIMITS } from '../host/http.ts'
import type { Demand } from './places.ts'
import type { Ready } from './ready.ts'

const NO_GAME = 'There is no such game here. Check the address, or pick a game on the site.'
const NO_ANSWER = 'The game server did not answer. Try again in a moment.'
const NOT_PLAIN = 'Only GET is allowed here, with at most 100 headers and no body.'
const UPSTREAM_TIMEOUT_MS = 30_000

export interface Games {
  /** Undefined: no such game. See Game.ready. */
  ready(game: string, demand: Demand): Promise<Ready | undefined>
}

type Target = { ok: true; socketPath: string } | { ok: false; status: 400 | 404 | 503; text: string; retryS?: number }

/**
 * The front door, which does not listen yet. `budgets`: of a game without any of its own; an address may connect as often as they say, to all
 * games together. `behindProxy`: whoever reaches this server is a proxy of this machine, which says where a request came from.
 */
export function frontServer(
  games: Games,
  log: Logger,
  budgets: () => Budgets = () => DEFAULT_BUDGETS,
  behindProxy = false,
): Server {
  const proxy = createProxyServer({ xfwd: false, proxyTimeout: UPSTREAM_TIMEOUT_MS })
  proxy.on('error', (error, request, response) => {
    log.warn({ path: pathOf(request), error: error.message }, 'a game did not answer')
    if ('writeHead' in response) refuse(response, { status: 503, text: NO_ANSWER, retryS: 1 })
    else response.destroy() // the runtime connects again by itself
  })
  /** A request that breaks something costs its own connection, never this process. */
  const safely = (request: IncomingMessage, to: ServerResponse | Duplex, work: () => Promise<void>) =>
    work().catch((error) => {
      log.error({ path: pathOf(request), error }, 'a request failed')
      to.destroy()
    })
  async function web(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (!mayPass(request)) return refuse(response.setHeader('connection', 'close'), { status: 400, text: NOT_PLAIN })
    const place = locate(request.url ?? '')
    if (place && place.path === null) return void response.writeHead(308, { location: `/${place.game}/` }).end()
    const target = await find(games, place?.game, log)
    if (!target.ok) return refuse(response, target)
    forward(request, place!.game, place!.path!, behindProxy)
    proxy.web(request, response, { target: upstream(target.socketPath) })
  }
  async function upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    if (!mayPass(request)) return refuse(socket, { status: 400, text: NOT_PLAIN })
    const place = locate(request.url ?? '')
    const target = await find(games, place?.game, log)
    if (!target.ok) return refuse(socket, target)
    forward(request, place!.game, place!.path ?? '/', behindProxy)
    proxy.ws(request, socket, head, { target: upstream(target.socketPath) })
  }
  const server = createServer(HTTP_LIMITS, (request, response) =>
    safely(request, response, () => web(request, response)),
  )
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', () => socket.destroy()) // the player has gone
    safely(request, socket, () => upgrade(request, socket, head))
  })
  capConnections(server, budgets)
  return server
}

/** A game host answers nothing else, and a request without a body has one end only, wherever one looks for it. */
const mayPass = (request: IncomingMessage): boolean =>
  (request.method === 'GET' || request.method === 'HEAD') && isPlainRequest(request)

/** `path` is what the game host sees; null for `/GAME` without its slash, where relative addresses would go wrong. */
function locate(url: string): { game: string; path: string | null } | undefined {
  const [, name, rest] = /^\/([^/?#]+)(.*)$/s.exec(url) ?? []
  if (!gameId.safeParse(name).success) return undefined
  return { game: name!, path: rest!.startsWith('/') ? rest! : null }
}

async function find(games: Games, game: string | undefined, log: Logger): Promise<Target> {
  try {
    const ready = game === undefined ? undefined : await games.ready(game, 'page')
    if (!ready) return { ok: false, status: 404, text: NO_GAME }
    if (ready.ok) return { ok: true, socketPath: ready.host.playSocket }
    if (ready.reason !== 'no-build')
      return { ok: false, status: 503, text: ready.why, retryS: Math.max(1, Math.ceil(ready.retryMs / 1000)) }
    const { file, line, message } = ready.problem ?? { message: 'it has no files yet' }
    const where = file ? `${file}${line ? `:${line}` : ''}: ` : ''
    return { ok: false, status: 503, text: `This game has no working version yet. ${where}${message}`, retryS: 5 }
  } catch (error) {
    log.error({ game, error }, 'a game could not be started')
    return { ok: false, status: 503, text: 'The game could not be started. Try again in a moment.', retryS: 5 }
  }
}

/** What a game host learns of the way here; what the client claims of it is dropped. */
function forward(request: IncomingMessage, game: string, path: string, behindProxy: boolean): void {
  const said = (name: string) => (behindProxy ? request.headers[`x-forwarded-${name}`] : undefined)
  const way = {
    proto: said('proto') ?? 'http',
    for: said('for') ?? request.socket.remoteAddress ?? '',
    host: said('host') ?? request.headers.host ?? '', // HTTP/1.0 has none
  }
  for (const name of Object.keys(request.headers))
    if (name === 'forwarded' || name.startsWith('x-forwarded-')) delete request.headers[name]
  request.headers['x-forwarded-prefix'] = `/${game}`
  for (const [name, value] of Object.entries(way)) request.headers[`x-forwarded-${name}`] = value
  request.url = path
}

/** For the log: what somebody writes behind a question mark might be a secret. */
const pathOf = (request: IncomingMessage) => request.url?.split('?', 1)[0]

const upstream = (socketPath: string) => ({ socketPath, host: 'localhost', port: 80, protocol: 'http:' })

function refuse(
  to: ServerResponse | Duplex,
  { status, text, retryS }: { status: 400 | 404 | 503; text: string; retryS?: number },
): void {
  const headers: Record<string, string> = {
    'content-type': 'text/plain; charset=utf-8',
    'x-content-type-options': 'nosniff',
    'content-security-policy': "default-src 'none'; sandbox",
    ...(retryS !== undefined && { 'retry-after': String(retryS) }),
  }
  if ('writeHead' in to) {
    if (to.headersSent) return void to.destroy()
    to.writeHead(status, headers).end(`${text}\n`)
    return
  }
  const lines = Object.entries({ ...headers, connection: 'close' }).map(([name, value]) => `${name}: ${value}\r\n`)
  to.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${lines.join('')}\r\n${text}\n`)
}
