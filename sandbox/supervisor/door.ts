// Serves the control door over HTTP: the website's bearer token, capped bodies, rates and times, one call a request.
import type { IncomingMessage, Server } from 'node:http'
import { doorServer } from '@sandlot/shared/door.ts'
import { MAX_DOOR_BODY_BYTES } from '@sandlot/shared/limits.ts'
import { type Sources, shownBy, tokenDigest } from '@sandlot/shared/token.ts'
import { createHTTPHandler } from '@trpc/server/adapters/standalone'
import type { Logger } from 'pino'
import type { Control } from './control.ts'
import { controlRouter } from './router.ts'

const AT_ONCE = 64 // one website with many visitors; most calls take a few milliseconds
const WAITING = 200

export interface DoorOptions {
  control: Control
  /** Any of them opens the door; read for each call, so that they can be replaced while the supervisor runs. */
  tokens: () => readonly string[]
  /** From where a token may be shown; null: from anywhere that reaches the door. */
  from: Sources | null
  callsPerSecond: number
  log: Logger
}

export function controlServer({ control, tokens, from, callsPerSecond, log }: DoorOptions): Server {
  const isWebsite = (request: IncomingMessage): boolean => {
    const known = tokens().map((token) => ({ digest: tokenDigest(token) }))
    const shown = shownBy(known, request.headers.authorization) !== null
    return shown && (from?.(request.socket.remoteAddress) ?? true)
  }
  return doorServer({
    caller: (request) => (isWebsite(request) ? 'website' : null),
    maxBodyBytes: MAX_DOOR_BODY_BYTES,
    callsPerSecond,
    atOnce: AT_ONCE,
    waiting: WAITING,
    onRefused: (refusal) => log.warn(refusal, 'calls were turned away'),
    router: createHTTPHandler({
      router: controlRouter,
      allowBatching: false,
      createContext: ({ req }) => ({ fromWebsite: isWebsite(req), control }),
      onError: ({ error, path }) => {
        if (error.code === 'INTERNAL_SERVER_ERROR') log.error({ error, path }, 'a call failed')
      },
    }),
  })
}
