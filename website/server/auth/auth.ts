// Accounts and sessions: e-mail with password, and guests who become an account when they sign up. Kept by better-auth in Postgres.
import { MAX_NAME_CHARS } from '@sandlot/shared/limits.ts'
import { betterAuth } from 'better-auth'
import { APIError } from 'better-auth/api'
import { anonymous } from 'better-auth/plugins'
import type { Logger } from 'pino'
import type { Database } from '../../db/database.ts'

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

export function createAuth(options: { db: Database; siteOrigin: string; secret: string; log: Logger }) {
  const { db, siteOrigin, secret, log } = options
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
      },
    },
    advanced: {
      cookiePrefix: 'sandlot',
      useSecureCookies: siteOrigin.startsWith('https:'),
      ipAddress: { ipAddressHeaders: [ADDRESS_HEADER] },
    },
    databaseHooks: {
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
