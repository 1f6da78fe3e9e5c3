// Between Express and better-auth: which of its routes exist here, and what a page hears when the database is away.
import { fromNodeHeaders } from 'better-auth/node'
import type { Request as ExpressRequest, RequestHandler } from 'express'
import { type Database, ping } from '../../db/database.ts'
import type { Person } from '../trpc.ts'
import { ADDRESS_HEADER, type Auth } from './auth.ts'

const ROUTES = new Set([
  'POST /sign-up/email',
  'POST /sign-in/email',
  'POST /sign-in/anonymous',
  'POST /sign-out',
  'GET /get-session',
  'POST /change-password',
  'POST /update-user',
  'POST /delete-account',
])

/** What a page sends, and what every page would have to. */
function bodyOf({ path, body = {} }: ExpressRequest): unknown {
  return path === '/change-password' ? { ...body, revokeOtherSessions: true } : body
}

function headersOf(request: ExpressRequest): Headers {
  const headers = fromNodeHeaders(request.headers)
  headers.set(ADDRESS_HEADER, request.ip ?? '')
  headers.delete('content-length')
  return headers
}

/** Answers better-auth's routes under the path where it is mounted. Expects JSON bodies to be parsed. Rejects while the database is away. */
export const authHandler =
  (auth: Auth, db: Database, siteOrigin: string): RequestHandler =>
  async (request, response) => {
    if (!ROUTES.has(`${request.method} ${request.path}`)) {
      response.status(404).json({ message: 'There is nothing here.' })
      return
    }
    const answer = await auth.handler(
      new Request(new URL(request.originalUrl, siteOrigin), {
        method: request.method,
        headers: headersOf(request),
        body: request.method === 'POST' ? JSON.stringify(bodyOf(request)) : null,
      }),
    )
    if (answer.status >= 500) await ping(db) // better-auth hides why it failed; if this fails too, we know
    response.status(answer.status)
    for (const [name, value] of answer.headers) if (name !== 'set-cookie') response.setHeader(name, value)
    response.setHeader('set-cookie', answer.headers.getSetCookie())
    response.send(Buffer.from(await answer.arrayBuffer()))
  }

/** Who sends this request, or null. Hands on a renewed session cookie. Rejects while the database is away. */
export async function readPerson(
  auth: Auth,
  db: Database,
  request: ExpressRequest,
  setCookie: (cookies: string[]) => void,
): Promise<Person | null> {
  if (!request.headers.cookie) return null
  try {
    const { response, headers } = await auth.api.getSession({ headers: headersOf(request), returnHeaders: true })
    const cookies = headers.getSetCookie()
    if (cookies.length > 0) setCookie(cookies)
    if (!response) return null
    const { id, name, email, isAnonymous } = response.user
    return { id, name, email: isAnonymous ? null : email, guest: isAnonymous === true }
  } catch (error) {
    await ping(db) // if the database is away, that is the error
    throw error
  }
}
