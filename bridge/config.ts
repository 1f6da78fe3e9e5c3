// What the environment says, read once at start. A bad value is reported by its name, never by its content.
import { readFileSync } from 'node:fs'
import { nodeId } from '@sandlot/shared/ids.ts'
import { type Address, address } from '@sandlot/shared/listen.ts'
import { z } from 'zod'

export interface Config {
  listen: Address
  databaseUrl: string
  /** SHA-256 (hex) of each node's bearer token, and whose it is. The tokens themselves are not on this machine. */
  nodes: ReadonlyMap<string, string>
}

const nodes = z
  .string()
  .transform((path) => JSON.parse(readFileSync(path, 'utf8')) as unknown)
  .pipe(z.record(z.string().regex(/^[0-9a-f]{64}$/), nodeId))

const environment = z.object({
  BRIDGE_LISTEN: address,
  BRIDGE_DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/ }),
  BRIDGE_NODES: z.string().min(1),
})

/** Throws an Error whose message is for the operator. */
export function readConfig(env: NodeJS.ProcessEnv): Readonly<Config> {
  const parsed = environment.safeParse(env)
  const bad = parsed.success ? [] : parsed.error.issues.map((issue) => String(issue.path[0]))
  let known: Record<string, string> = {}
  try {
    if (env.BRIDGE_NODES) known = nodes.parse(env.BRIDGE_NODES)
  } catch {
    bad.push('BRIDGE_NODES') // not a file, not JSON, or not a map of digests to node ids
  }
  if (!parsed.success || bad.length > 0) throw new Error(`Config: ${[...new Set(bad)].join(', ')} missing or malformed`)
  return Object.freeze({
    listen: parsed.data.BRIDGE_LISTEN,
    databaseUrl: parsed.data.BRIDGE_DATABASE_URL,
    nodes: new Map(Object.entries(known)),
  })
}
