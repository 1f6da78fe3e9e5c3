// POST /delete-account: somebody deletes their account, and shows with the password that it is they.
import { APIError, createAuthEndpoint, sensitiveSessionMiddleware } from 'better-auth/api'
import { deleteSessionCookie } from 'better-auth/cookies'
import { z } from 'zod'
import type { Leaving } from '../account/leave.ts'

const body = z.object({ password: z.string().min(1).max(128) })

function awayText(removed: number): string {
  const until = 'The game server does not answer, so'
  if (removed === 0) return `${until} nothing was deleted. Try again in a moment.`
  return `${until} only ${removed === 1 ? 'one of your games was' : `${removed} of your games were`} deleted. Your account and the other games are as they were. Try again in a moment.`
}

/** A plugin of better-auth, so that tries are counted as those of signing in are. */
export const leaving = (leave: (user: string) => Promise<Leaving>) => ({
  id: 'leaving',
  endpoints: {
    deleteAccount: createAuthEndpoint(
      '/delete-account',
      { method: 'POST', body, use: [sensitiveSessionMiddleware] },
      async (ctx) => {
        const { user } = ctx.context.session
        const account = await ctx.context.internalAdapter.findCredentialAccount(user.id)
        const hash = account?.password
        if (!hash || !(await ctx.context.password.verify({ hash, password: ctx.body.password })))
          throw new APIError('BAD_REQUEST', { code: 'INVALID_PASSWORD', message: 'This is not your password.' })
        const left = await leave(user.id)
        if (!left.ok)
          throw new APIError('SERVICE_UNAVAILABLE', { code: 'GAME_SERVER_AWAY', message: awayText(left.removed) })
        deleteSessionCookie(ctx)
        return ctx.json({ ok: true })
      },
    ),
  },
})
