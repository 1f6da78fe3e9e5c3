// What the environment may say to `npm run dev`.
import { resolve } from 'node:path'

export interface DevConfig {
  /** The site; games are on the next port, SFTP on PORT + 22. */
  port: number
  data: string
  /** An existing Postgres server, by an owner who may create roles; undefined: our own. */
  databaseUrl: string | undefined
  /** The operator's file of budgets (shared/budget-file.ts). */
  budgets: string | undefined
  /** STUN and TURN servers for games whose players connect directly (the website's ICE_SERVERS). */
  iceServers: string | undefined
}

/** Throws an Error with one sentence. */
export function readConfig(env: NodeJS.ProcessEnv): Readonly<DevConfig> {
  const port = Number(env.PORT ?? 4000)
  if (!Number.isInteger(port) || port < 1 || port > 65_000) throw new Error('PORT must be a number from 1 to 65000')
  return Object.freeze({
    port,
    data: resolve(env.SANDLOT_DATA || '.sandlot'),
    databaseUrl: env.DATABASE_URL || undefined,
    iceServers: env.ICE_SERVERS || undefined,
    budgets: env.BUDGETS ? resolve(env.BUDGETS) : undefined,
  })
}
