// Serves the bridge over HTTP: a node's bearer token, capped bodies, rates and times, one call a request.
import type { Server } from 'node:http'
import { doorServer } from '@sandlot/shared/door.ts'
import type { Database } from '@sandlot/website/db/database.ts'
import { createHTTPHandler } from '@trpc/server/adapters/standalone'
import type { Logger } from 'pino'
import { callingNode, type KnownToken } from './nodes.ts'
import { Quotas } from './quotas.ts'
import { bridgeRouter } from './router.ts'

const MAX_BODY_BYTES = 2 * 1024 * 1024 // twice the largest report: a batch of log lines, which the node keeps below 1 MiB
export const AT_ONCE = 4 // of one node; each may hold a connection to the database
const WAITING = 500 // of one node: as many games may ask for what they keep when it starts

const AUDIT_MS = 1_000

export interface BridgeOptions {
  db: Database
  /** Read for each call, so that tokens can be replaced while the bridge runs. */
  nodes: () => readonly KnownToken[]
  callsPerSecond: number
  log: Logger
}

export function bridgeServer({ db, nodes, callsPerSecond, log }: BridgeOptions): Server {
  const quotas = new Quotas()
  const audit = auditor(log)
  return doorServer({
    caller: (request) => callingNode(nodes(), request),
    maxBodyBytes: MAX_BODY_BYTES,
    callsPerSecond,
    atOnce: AT_ONCE,
    waiting: WAITING,
    onRefused: (refusal) => log.warn(refusal, 'calls were turned away'),
    router: createHTTPHandler({
      router: bridgeRouter,
      allowBatching: false,
      createContext: ({ req }) => ({ db, node: callingNode(nodes(), req), quotas, audit }),
      onError: ({ error, path, ctx }) => {
        if (error.code === 'INTERNAL_SERVER_ERROR') log.error({ error, path, node: ctx?.node }, 'a call failed')
        else if (error.code === 'SERVICE_UNAVAILABLE') log.warn({ path }, error.message)
      },
    }),
  })
}

/** Writes down what a node asked for and did not get: once a second for each node and reason, with how often it was. */
function auditor(log: Logger): (node: string, path: string, reason: string) => void {
  const told = new Map<string, { count: number; nextMs: number }>() // as many as there are nodes, procedures and reasons
  return (node, path, reason) => {
    const name = `${node} ${path} ${reason}`
    const line = told.get(name) ?? { count: 0, nextMs: 0 }
    told.set(name, line)
    line.count++
    if (performance.now() < line.nextMs) return
    log.warn({ node, path, reason, count: line.count }, 'a report was refused')
    told.set(name, { count: 0, nextMs: performance.now() + AUDIT_MS })
  }
}
