// Serves the control door over HTTP: bearer token, capped bodies, one call a request.
import { createHash, timingSafeEqual } from 'node:crypto'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import { DOOR_TIMEOUT_MS, MAX_DOOR_BODY_BYTES } from '@sandlot/shared/limits.ts'
import { createHTTPHandler } from '@trpc/server/adapters/standalone'
import type { Logger } from 'pino'
import type { Control } from './control.ts'
import { controlRouter } from './router.ts'

export function controlServer(control: Control, token: string, log: Logger): Server {
  const handler = createHTTPHandler({
    router: controlRouter,
    allowBatching: false,
    maxBodySize: MAX_DOOR_BODY_BYTES,
    createContext: ({ req }) => ({ fromWebsite: shows(req, token), control }),
    onError: ({ error, path }) => {
      if (error.code === 'INTERNAL_SERVER_ERROR') log.error({ error, path }, 'a call failed')
    },
  })
  const server = createServer(handler)
  server.requestTimeout = DOOR_TIMEOUT_MS
  return server
}

/** Compares digests, so that the time tells neither content nor length. */
function shows(request: IncomingMessage, token: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(request.headers.authorization ?? ''), digest(`Bearer ${token}`))
}
