// tRPC as the bridge uses it: every procedure needs a node's token, and an error never carries our internals.
import { type Database, databaseTrouble } from '@sandlot/website/db/database.ts'
import { initTRPC, TRPCError } from '@trpc/server'
import type { Quotas } from './quotas.ts'

export interface Context {
  db: Database
  /** The node that shows its token, null for anybody else. */
  node: string | null
  quotas: Quotas
  /** Writes down that a node asked for what is not its own. */
  audit: (node: string, path: string, reason: string) => void
}

const BROKEN = 'The bridge failed to do this. Its log says why; try again in a moment.'

const t = initTRPC.context<Context>().create({
  isDev: false, // stack traces stay in our log
  errorFormatter: ({ shape, error }) =>
    error.code === 'INTERNAL_SERVER_ERROR' ? { ...shape, message: BROKEN } : shape,
})

export const router = t.router

/** What a failed query means for a caller who decides whether to try again. */
const translate = (cause: unknown): TRPCError | undefined => {
  switch (databaseTrouble(cause)) {
    case 'unreachable':
      return new TRPCError({ code: 'SERVICE_UNAVAILABLE', message: 'The database is not reachable. Try again.', cause })
    case 'busy':
      return new TRPCError({ code: 'TIMEOUT', message: 'The database is busy. Try again.', cause })
    case 'invalid':
      return new TRPCError({ code: 'BAD_REQUEST', message: 'The database cannot hold this value.', cause })
    case undefined:
      return undefined
  }
}

/** Only a node, and only about what the website placed on it: `ctx.node` is the caller. */
export const nodeProcedure = t.procedure.use(async ({ ctx, path, next }) => {
  const { node } = ctx
  if (node === null)
    throw new TRPCError({ code: 'UNAUTHORIZED', message: "The bridge needs a node's bearer token; see BRIDGE_NODES." })
  const result = await next({ ctx: { node } })
  if (!result.ok) {
    if (result.error.code === 'FORBIDDEN') ctx.audit(node, path, result.error.message)
    throw translate(result.error.cause) ?? result.error
  }
  const answer = result.data as { ok?: unknown; reason?: unknown } | null
  if (answer?.ok === false) ctx.audit(node, path, String(answer.reason))
  return result
})
