// The website's HTTP face: accounts, the router, the pages; every failure answered in words and logged where it happened.
import { MAX_DOOR_BODY_BYTES } from '@sandlot/shared/limits.ts'
import { networkOf } from '@sandlot/shared/network.ts'
import { createExpressMiddleware } from '@trpc/server/adapters/express'
import express, { type ErrorRequestHandler, type Express } from 'express'
import type { Logger } from 'pino'
import { databaseTrouble, ping } from '../db/database.ts'
import type { Auth } from './auth/auth.ts'
import { authHandler, readPerson } from './auth/handler.ts'
import { sameOrigin, securityHeaders } from './headers.ts'
import { pages } from './pages.ts'
import { appRouter } from './router.ts'
import { ADDRESS, PERSON, Shares } from './shares.ts'
import { DATABASE_AWAY, type Person, retryAfterS, type Services } from './trpc.ts'

const MAX_AUTH_BODY = '16kb'
const MAX_CALLS_A_REQUEST = 10 // a page asks for three or four things at once

export interface Site extends Services {
  auth: Auth
  siteOrigin: string
  webRoot: string
  log: Logger
}

const LOOPBACK = /^(127\.|::1$|::ffff:127\.)/
/** Only a proxy on this VM may say whom it speaks for; over a unix socket there is no address at all. */
const isFrontDoor = (address: string | undefined): boolean => address === undefined || LOOPBACK.test(address)

export function createApp(site: Site): Express {
  const { db, nodes, ticketKey, iceServers, contact, auth, siteOrigin, webRoot, log } = site
  const shares = { ofPersons: new Shares(PERSON), ofAddresses: new Shares(ADDRESS) }
  const app = express()
  app.disable('x-powered-by')
  app.set('trust proxy', isFrontDoor)
  app.use(
    securityHeaders(
      siteOrigin,
      nodes.all.map((node) => node.playOrigin),
    ),
  )

  app.use('/api', sameOrigin(siteOrigin), (_request, response, next) => {
    response.set('cache-control', 'no-store')
    next()
  })
  app.get('/api/health', async (_request, response) => {
    try {
      await ping(db)
      response.json({ ok: true })
    } catch (error) {
      log.warn({ err: error }, 'not healthy: the database does not answer')
      response.status(503).json({ ok: false, message: DATABASE_AWAY })
    }
  })
  app.use('/api/auth', express.json({ limit: MAX_AUTH_BODY }), authHandler(auth, db, siteOrigin))
  app.use(
    '/api/trpc',
    createExpressMiddleware({
      router: appRouter,
      maxBodySize: MAX_DOOR_BODY_BYTES,
      maxBatchSize: MAX_CALLS_A_REQUEST,
      createContext: ({ req, res }) => {
        let person: Promise<Person | null> | undefined
        const setCookie = (cookies: string[]) => void (res.headersSent || res.setHeader('set-cookie', cookies))
        return {
          db,
          nodes,
          ticketKey,
          iceServers,
          contact,
          shares,
          address: networkOf(req.ip ?? ''), // our front door always names one
          person: () => (person ??= readPerson(auth, db, req, setCookie)),
        }
      },
      responseMeta: ({ errors }) => {
        const waits = errors.flatMap((error) => retryAfterS(error) ?? [])
        return waits.length > 0 ? { headers: { 'retry-after': String(Math.max(...waits)) } } : {}
      },
      onError: ({ error, path }) => {
        if (error.code === 'INTERNAL_SERVER_ERROR') log.error({ err: error.cause ?? error, path }, 'a call failed')
        else if (error.code === 'SERVICE_UNAVAILABLE') log.warn({ path }, error.message)
      },
    }),
  )
  app.use('/api', (_request, response) => {
    response.status(404).json({ message: 'There is nothing here.' })
  })
  app.use(pages(webRoot))
  app.use((_request, response) => {
    response.status(404).type('text').send('There is nothing here.')
  })

  const onError: ErrorRequestHandler = (error, request, response, next) => {
    if (response.headersSent) return next(error)
    if (databaseTrouble(error)) {
      response.status(503).json({ code: 'DATABASE_UNREACHABLE', message: DATABASE_AWAY })
      return
    }
    const status = typeof error?.status === 'number' && error.status < 500 ? error.status : 500 // Express says what it refused
    if (status === 500) log.error({ err: error, path: request.path }, 'a request failed')
    const message =
      status === 500 ? 'Something broke on our side. Try again in a moment.' : 'This request is malformed.'
    response.status(status).json({ message })
  }
  app.use(onError)
  return app
}
