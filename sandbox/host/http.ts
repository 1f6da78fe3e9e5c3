// What a browser fetches from a game host: the runtime's page and files, the client code of a build, its assets.
import { createReadStream, existsSync, readdirSync, readFileSync } from 'node:fs'
import { stat } from 'node:fs/promises'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { extname, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { fileURLToPath } from 'node:url'
import type { Budgets } from '@sandlot/shared/budgets.ts'
import {
  HEADERS_TIMEOUT_MS,
  HTTP_CHECK_MS,
  HTTP_IDLE_MS,
  KEEP_ALIVE_MS,
  MAX_FILE_BYTES,
  MAX_HEADER_BYTES,
  REQUEST_TIMEOUT_MS,
} from '@sandlot/shared/limits.ts'
import { capConnections } from './addresses.ts'
import type { Game } from './game.ts'
import { baseOf, COMMON_HEADERS, contentSecurityPolicy, isPlainRequest } from './headers.ts'

const RUNTIME = fileURLToPath(new URL('../browser/dist/', import.meta.url))
const RUNTIME_TYPES: Record<string, string> = {
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
  '.ts': 'text/plain; charset=utf-8', // the types of gameAPI, for creators' editors
}
const FOREVER = 'public, max-age=31536000, immutable' // the address has a hash of the content in it
const TEXT = 'text/plain; charset=utf-8'
/** How patient a server of games is with its clients; also for the front door. */
export const HTTP_LIMITS = Object.freeze({
  maxHeaderSize: MAX_HEADER_BYTES,
  headersTimeout: HEADERS_TIMEOUT_MS,
  requestTimeout: REQUEST_TIMEOUT_MS,
  keepAliveTimeout: KEEP_ALIVE_MS,
  connectionsCheckingInterval: HTTP_CHECK_MS,
})

/** The runtime as `npm run build` made it, by path below the game's address. Throws when it has not been built. */
function readRuntime(): { page: Buffer; files: Map<string, { content: Buffer; type: string }> } {
  if (!existsSync(join(RUNTIME, 'index.html'))) {
    throw new Error('The browser runtime has not been built: run "npm run build" first')
  }
  const files = new Map<string, { content: Buffer; type: string }>()
  for (const name of readdirSync(join(RUNTIME, 'runtime'))) {
    const type = RUNTIME_TYPES[extname(name)]
    if (type) files.set(`/runtime/${name}`, { content: readFileSync(join(RUNTIME, 'runtime', name)), type })
  }
  return { page: readFileSync(join(RUNTIME, 'index.html')), files }
}

export interface HttpOptions {
  /** The game once it has started. */
  game: () => Game | undefined
  behindProxy: boolean
  /** The site that may embed the page, as an origin; undefined: nobody. */
  site: string | undefined
  /** What one address may have open. */
  budgets: () => Budgets
  /** Called for each connection that an address had too many. */
  refused: () => void
}

/** The server, not listening yet. Throws when the runtime has not been built. */
export function httpServer({ game, behindProxy, site, budgets, refused }: HttpOptions): Server {
  const runtime = readRuntime()

  function send(
    response: ServerResponse,
    status: number,
    type: string,
    body: Buffer | string,
    more: Record<string, string> = {},
  ): void {
    response.writeHead(status, {
      ...COMMON_HEADERS,
      'Content-Type': type,
      'Content-Length': Buffer.byteLength(body),
      ...more,
    })
    response.end(response.req.method === 'HEAD' ? undefined : body)
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      return send(response, 405, TEXT, 'Only GET is allowed here.\n', { Allow: 'GET, HEAD', Connection: 'close' })
    }
    if (!isPlainRequest(request)) {
      const text = 'A request here has at most 100 headers and no body.\n'
      return send(response, 400, TEXT, text, { Connection: 'close' })
    }
    const path = (request.url ?? '/').split('?', 1)[0]!
    if (path === '/') {
      const base = baseOf(request, behindProxy)
      if (!base) return send(response, 400, TEXT, 'The Host header of this request is malformed.\n')
      const policy = contentSecurityPolicy(base, site ?? "'none'")
      return send(response, 200, 'text/html; charset=utf-8', runtime.page, {
        'Content-Security-Policy': policy,
        'Cache-Control': 'no-cache',
      })
    }
    // The page's origin is opaque, so even its own files are cross-origin to it.
    const open = {
      'Access-Control-Allow-Origin': '*',
      'Cache-Control': FOREVER,
      'Content-Security-Policy': "default-src 'none'; sandbox",
    }
    const file = runtime.files.get(path)
    if (file)
      return send(response, 200, file.type, file.content, {
        ...open,
        ...(path.endsWith('.d.ts') && { 'Cache-Control': 'no-cache' }),
      })
    const [, id, name] = /^\/build\/([0-9a-f]{32})\/(.+)$/.exec(path) ?? []
    const found = id === undefined ? undefined : game()?.findBuild(id)?.publicFiles.get(decode(name!))
    if (!found) return send(response, 404, TEXT, `There is no ${path} in this game.\n`)
    const { size } = await stat(found.file)
    if (size > MAX_FILE_BYTES)
      return send(response, 413, TEXT, `${name} is larger than ${MAX_FILE_BYTES / 1024 / 1024} MB.\n`)
    response.writeHead(200, { ...COMMON_HEADERS, 'Content-Type': found.type, 'Content-Length': size, ...open })
    if (request.method === 'HEAD') return void response.end()
    await pipeline(createReadStream(found.file), response) // a reader that does not read holds no more than a chunk
  }

  const server = createServer(HTTP_LIMITS, (request, response) => {
    answer(request, response).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ERR_STREAM_PREMATURE_CLOSE' || error.code === 'ECONNRESET') return // the reader has gone
      // A build folder that was removed under us, or a machine out of files: this request fails, the rooms go on.
      process.stderr.write(`sandlot-host: ${request.url?.split('?', 1)[0]}: ${error.message}\n`)
      if (!response.headersSent) send(response, 500, TEXT, 'This file cannot be read right now. Reload the page.\n')
    })
  })
  server.timeout = HTTP_IDLE_MS // websockets are let off by ws
  capConnections(server, budgets, refused)
  return server
}

function decode(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch {
    return '' // no file has an empty name, so the answer is 404
  }
}
