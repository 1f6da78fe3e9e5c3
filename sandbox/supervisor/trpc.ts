// tRPC as the control door uses it: every procedure needs the website's token, and an error never carries our internals.
import { initTRPC, TRPCError } from '@trpc/server'
import type { Control } from './control.ts'

export interface Context {
  /** The caller showed the control token. */
  fromWebsite: boolean
  control: Control
}

const INTERNAL = 'The sandbox failed to do this. Its log says why; try again in a moment.'

const t = initTRPC.context<Context>().create({
  isDev: false, // stack traces stay in our log
  errorFormatter: ({ shape, error }) =>
    error.code === 'INTERNAL_SERVER_ERROR' ? { ...shape, message: INTERNAL } : shape,
})

export const router = t.router

/** Only the website, which holds the control token, may call. */
export const websiteProcedure = t.procedure.use(({ ctx, next }) => {
  if (!ctx.fromWebsite)
    throw new TRPCError({ code: 'UNAUTHORIZED', message: 'The control door needs the token of CONTROL_TOKEN.' })
  return next()
})
