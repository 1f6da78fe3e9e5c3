// What the environment says, read once at start. A bad value is reported by its name, never by its content.
import { readFileSync } from 'node:fs'
import { nodeId } from '@sandlot/shared/ids.ts'
import { CALLS_PER_SECOND } from '@sandlot/shared/limits.ts'
import { type Address, address } from '@sandlot/shared/listen.ts'
import { sources } from '@sandlot/shared/token.ts'
import { z } from 'zod'
import type { KnownToken } from './nodes.ts'

export interface Config {
  listen: Address
  databaseUrl: string
  /** Path of the file that says whose the tokens are; see readNodes. */
  nodesFile: string
  nodes: readonly KnownToken[]
  /** Of one node, in the long run. */
  callsPerSecond: number
}

const whose = z.union([
  nodeId.transform((node) => ({ node, from: null })),
  z.strictObject({ node: nodeId, from: sources }),
])
const nodes = z.record(z.string().regex(/^[0-9a-f]{64}$/), whose)

/**
 * The file BRIDGE_NODES: JSON, the SHA-256 (hex) of each node's bearer token and whose it is, `"NODE"` or
 * `{ "node": "NODE", "from": ["10.1.0.2"] }`. The tokens themselves are not on this machine. A node may have several at once: while a
 * token is being replaced, the old and the new one. Throws when the file is anything else.
 */
export function readNodes(path: string): readonly KnownToken[] {
  const known = nodes.parse(JSON.parse(readFileSync(path, 'utf8')))
  return Object.entries(known).map(([digest, { node, from }]) => ({ digest, node, from }))
}

const environment = z.object({
  BRIDGE_LISTEN: address,
  BRIDGE_DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/ }),
  BRIDGE_NODES: z.string().min(1),
  BRIDGE_CALLS_PER_SECOND: z.coerce.number().int().min(1).default(CALLS_PER_SECOND),
})

/** Throws an Error whose message is for the operator. */
export function readConfig(env: NodeJS.ProcessEnv): Readonly<Config> {
  const parsed = environment.safeParse(env)
  const bad = parsed.success ? [] : parsed.error.issues.map((issue) => String(issue.path[0]))
  let known: readonly KnownToken[] = []
  try {
    if (env.BRIDGE_NODES) known = readNodes(env.BRIDGE_NODES)
  } catch {
    bad.push('BRIDGE_NODES') // not a file, not JSON, or not a map of digests to nodes
  }
  if (!parsed.success || bad.length > 0) throw new Error(`Config: ${[...new Set(bad)].join(', ')} missing or malformed`)
  return Object.freeze({
    listen: parsed.data.BRIDGE_LISTEN,
    databaseUrl: parsed.data.BRIDGE_DATABASE_URL,
    nodesFile: parsed.data.BRIDGE_NODES,
    nodes: known,
    callsPerSecond: parsed.data.BRIDGE_CALLS_PER_SECOND,
  })
}
