// Accounts and sessions: e-mail with password, and guests who become an account when they sign up. Kept by better-auth in Postgres.
import { MAX_NAME_CHARS } from '@sandlot/shared/limits.ts'
import { betterAuth } from 'better-auth'
import { APIError } from 'better-auth/api'
import { anonymous } from 'better-auth/plugins'
import type { Logger } from 'pino'
import { banOf } from '../account/bans.ts'
import { leave } from '../account/leave.ts'
import type { Services } from '../trpc.ts'
import { leaving } from './leaving.ts'

/** The request header that carries the caller's address from our own front to better-auth, whatever a client sent in it. */
export const ADDRESS_HEADER = 'x-sandlot-address'
const SESSION_S = 30 * 24 * 60 * 60

/** What other players see: one line, of a length that fits a scoreboard. */
function displayName(name: unknown): string {
  const text = typeof name === 'string' ? name.toWellFormed().trim() : ''
  if (text.length < 1 || text.length > MAX_NAME_CHARS || /\p{Cc}/u.test(text))
    throw new APIError('BAD_REQUEST', {
      code: 'INVALID_NAME',
      message: `Choose a name of 1 to ${MAX_NAME_CHARS} characters.`,
    })
  return text
}

/** What somebody reads who is banned. `why` may be empty. */
const banText = (why: string, contact: string | null): string =>
  `This account is banned${why === '' ? '' : `: ${why.replace(/\.$/, '')}`}. ${contact === null ? 'Ask whoever runs this site.' : `Ask the operator of this site: ${contact}`}`

export interface AuthOptions extends Pick<Services, 'db' | 'nodes' | 'contact'> {
  siteOrigin: string
  secret: string
  log: Logger
}

export function createAuth({ db, nodes, contact, siteOrigin, secret, log }: AuthOptions) {
  return betterAuth({
    appName: 'Sandlot',
    baseURL: siteOrigin,
    basePath: '/api/auth',
    trustedOrigins: [siteOrigin],
    secret,
    database: { db, type: 'postgres' },
    emailAndPassword: { enabled: true, minPasswordLength: 8, maxPasswordLength: 128 }, // hashing a longer one costs us more than it adds
    session: { expiresIn: SESSION_S },
    rateLimit: {
      enabled: true,
      storage: 'database', // shared by all website processes
      window: 60,
      max: 300,
      customRules: {
        '/sign-in/email': { window: 60, max: 10 },
        '/sign-up/email': { window: 60, max: 10 },
        '/sign-in/anonymous': { window: 60, max: 60 }, // a class of pupils behind one address
        '/change-password': { window: 60, max: 10 },
        '/delete-account': { window: 60, max: 10 },
      },
    },
    advanced: {
      cookiePrefix: 'sandlot',
      useSecureCookies: siteOrigin.startsWith('https:'),
      ipAddress: { ipAddressHeaders: [ADDRESS_HEADER] },
    },
    databaseHooks: {
      session: {
        create: {
          // After, not before: whoever bans meanwhile holds the person's row, for which the new session's reference waits.
          async after({ id, userId }) {
            const why = await banOf(db, userId)
            if (why === undefined) return
            await db.deleteFrom('session').where('id', '=', id).execute()
            throw new APIError('FORBIDDEN', { code: 'BANNED', message: banText(why, contact) })
          },
        },
      },
      user: {
        create: { before: async (user) => ({ data: { ...user, name: displayName(user.name) } }) },
        update: {
          before: async (user) => ({ data: 'name' in user ? { ...user, name: displayName(user.name) } : user }),
        },
      },
    },
    telemetry: { enabled: false },
    logger: { level: 'error', log: (_level, message, ...details) => log.error({ details }, message) },
    plugins: [
      leaving((user) => leave({ db, nodes }, user)),
      anonymous({
        emailDomainName: 'guest.invalid', // a name that can never receive mail
        generateName: () => `Guest ${1000 + Math.floor(Math.random() * 9000)}`,
        onLinkAccount: async ({ anonymousUser, newUser }) => {
          // The guest's row goes now; the seat they sit on must not go with it.
          const seats = db.updateTable('seats').set({ user_id: newUser.user.id })
          await seats.where('user_id', '=', anonymousUser.user.id).execute()
        },
      }),
    ],
  })
}
export type Auth = ReturnType<typeof createAuth>
