// Serves the bridge over HTTP: bearer token, capped bodies and times, one call a request.
import { createServer, type Server } from 'node:http'
import { DOOR_TIMEOUT_MS, MAX_STORE_BYTES } from '@sandlot/shared/limits.ts'
import type { Database } from '@sandlot/website/db/database.ts'
import { createHTTPHandler } from '@trpc/server/adapters/standalone'
import type { Logger } from 'pino'
import { callingNode } from './nodes.ts'
import { bridgeRouter } from './router.ts'

const MAX_BODY_BYTES = 2 * 1024 * 1024 // twice the largest report: a batch of log lines, which the node keeps below 1 MiB
const MAX_CONNECTIONS = 200 // a node holds a handful

export function bridgeServer(db: Database, nodes: ReadonlyMap<string, string>, log: Logger): Server {
  const server = createServer(
    createHTTPHandler({
      router: bridgeRouter,
      allowBatching: false,
      maxBodySize: Math.max(MAX_BODY_BYTES, MAX_STORE_BYTES),
      createContext: ({ req }) => ({ db, node: callingNode(nodes, req.headers.authorization) }),
      onError: ({ error, path, ctx }) => {
        if (error.code === 'INTERNAL_SERVER_ERROR') log.error({ error, path, node: ctx?.node }, 'a call failed')
        else if (error.code === 'SERVICE_UNAVAILABLE') log.warn({ path }, error.message)
      },
    }),
  )
  server.requestTimeout = DOOR_TIMEOUT_MS
  server.headersTimeout = DOOR_TIMEOUT_MS / 2
  server.maxConnections = MAX_CONNECTIONS
  return server
}
