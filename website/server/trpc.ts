// The one place where tRPC is set up, where permission gets its names, and where failures of others become answers.
import { gameId } from '@sandlot/shared/ids.ts'
import type { TicketKey } from '@sandlot/shared/ticket.ts'
import { initTRPC, TRPCError } from '@trpc/server'
import { z } from 'zod'
import { type Database, databaseTrouble } from '../db/database.ts'
import { ControlError } from './control/client.ts'
import type { Nodes } from './control/nodes.ts'
import { ownedGame } from './games/store.ts'
import type { IceServer } from './rooms/shapes.ts'
import type { Cost, Shares } from './shares.ts'

/** Whoever sends the request. `guest`: plays without an account. */
export interface Person {
  id: string
  name: string
  email: string | null
  guest: boolean
}
/** What procedures work with; the same for every request. */
export interface Services {
  db: Database
  nodes: Nodes
  ticketKey: TicketKey
  /** For games whose players connect directly; none unless the operator names some. */
  iceServers: readonly IceServer[]
  /** How to reach the operator, in words; null when they do not say. */
  contact: string | null
}
/** The rows, and the nodes where the games of those rows are. */
export type Placed = Pick<Services, 'db' | 'nodes'>
export interface Context extends Services {
  /** Where the request comes from; all of one network count as one. */
  address: string
  shares: { ofPersons: Shares; ofAddresses: Shares }
  /** Looked up when first asked for: most pages need no session. */
  person(): Promise<Person | null>
}

export const DATABASE_AWAY = 'The database is not reachable. Try again in a moment.'

/** A call that is more than its caller's share. */
class Surplus extends Error {
  override name = 'Surplus'
  readonly retryMs: number

  constructor(retryMs: number) {
    super('more than a share')
    this.retryMs = retryMs
  }
}
/** In how many seconds such a call may be made again; undefined for all other errors. */
export const retryAfterS = (error: TRPCError): number | undefined =>
  error.cause instanceof Surplus ? Math.max(1, Math.ceil(error.cause.retryMs / 1000)) : undefined

/** What a procedure costs, unless it says so itself. */
const LIGHT: Cost = { points: 1, nodeCalls: 0 }

const t = initTRPC
  .context<Context>()
  .meta<Cost>()
  .create({
    isDev: false, // stack traces stay in our log
    errorFormatter: ({ shape, error }) =>
      error.code === 'INTERNAL_SERVER_ERROR'
        ? { ...shape, message: 'Something broke on our side. Try again in a moment.' }
        : { ...shape, data: { ...shape.data, retryAfterS: retryAfterS(error) } },
  })

/** What an error that is not ours to fix means for the page. */
function translate(cause: unknown): TRPCError | undefined {
  if (cause instanceof ControlError) {
    const message = 'The game server does not answer. Try again in a moment.'
    return new TRPCError({ code: 'SERVICE_UNAVAILABLE', message, cause })
  }
  switch (databaseTrouble(cause)) {
    case 'unreachable':
      return new TRPCError({ code: 'SERVICE_UNAVAILABLE', message: DATABASE_AWAY, cause })
    case 'busy':
      return new TRPCError({ code: 'TIMEOUT', message: 'Many people ask for this right now. Try again.', cause })
    case 'invalid':
      return new TRPCError({ code: 'BAD_REQUEST', message: 'This text has characters that cannot be kept.', cause })
    case undefined:
      return undefined
  }
}

/** Runs `next` as part of the share of `name`. `whose` begins the sentence about too much. */
async function within<T>(shares: Shares, name: string, cost: Cost, whose: string, next: () => Promise<T>): Promise<T> {
  const turn = shares.enter(name, cost)
  if (!turn.ok) {
    const cause = new Surplus(turn.retryMs)
    const error = new TRPCError({ code: 'TOO_MANY_REQUESTS', cause })
    const seconds = retryAfterS(error)!
    error.message = `${whose} more at once than it may. Try again in ${seconds === 1 ? 'a second' : `${seconds} seconds`}.`
    throw error
  }
  try {
    return await next()
  } finally {
    turn.leave()
  }
}

export const router = t.router
/** Anybody, signed in or not, within the share of their address. */
export const publicProcedure = t.procedure
  .use(async ({ next }) => {
    const result = await next()
    if (!result.ok) throw translate(result.error.cause) ?? result.error
    return result
  })
  .use(({ ctx, meta, next }) =>
    within(ctx.shares.ofAddresses, ctx.address, meta ?? LIGHT, 'Your network asks for', next),
  )
/** Anybody with a session, guests too, within their share. */
export const playerProcedure = publicProcedure.use(async ({ ctx, meta, next }) => {
  const person = await ctx.person()
  if (!person) throw new TRPCError({ code: 'UNAUTHORIZED', message: 'Sign in, or press Play to go on as a guest.' })
  return within(ctx.shares.ofPersons, person.id, meta ?? LIGHT, 'Your account asks for', () =>
    next({ ctx: { user: person } }),
  )
})
/** Anybody with an account. */
export const creatorProcedure = playerProcedure.use(({ ctx, next }) => {
  if (ctx.user.guest) throw new TRPCError({ code: 'FORBIDDEN', message: 'Guests can play. Sign up to make games.' })
  return next()
})
/** The creator of the game that the input names; `ctx.game` says where it is placed. */
export const ownerProcedure = creatorProcedure.input(z.object({ game: gameId })).use(async ({ ctx, input, next }) => {
  const game = await ownedGame(ctx.db, input.game)
  if (!game) throw new TRPCError({ code: 'NOT_FOUND', message: 'There is no game of this name.' })
  if (game.owner_id !== ctx.user.id)
    throw new TRPCError({ code: 'FORBIDDEN', message: 'This game belongs to another creator.' })
  return next({ ctx: { game: { id: game.id, node: ctx.nodes.get(game.node_id) } } })
})
