// The website process: composes its parts, listens, and stops everything it started. It keeps no state; any number may run.
import { createServer } from 'node:http'
import { close, listen } from '@sandlot/shared/listen.ts'
import { runService } from '@sandlot/shared/service.ts'
import { readSigningKey } from '@sandlot/shared/ticket.ts'
import { pino } from 'pino'
import { openDatabase, waitForDatabase } from '../db/database.ts'
import { createApp } from './app.ts'
import { createAuth } from './auth/auth.ts'
import { readConfig } from './config.ts'
import { Nodes, saveNodes } from './control/nodes.ts'
import { reap } from './reaper.ts'
import { tellAgain, tellLate } from './studio/keys.ts'

const REQUEST_TIMEOUT_MS = 30_000 // a file of 5 MB over a slow line
const HEADERS_TIMEOUT_MS = 10_000
const REAP_MS = 60 * 60_000
const TELL_MS = 5_000 // for a node that did not hear of a creator's keys; how long it has rested is known in the database

async function start(stack: AsyncDisposableStack, stopping: AbortSignal): Promise<void> {
  const config = readConfig(process.env)
  const { siteOrigin, webRoot, iceServers, contact } = config
  const log = pino({ name: 'website' }, pino.destination({ dest: 2, sync: true }))
  const ticketKey = await readSigningKey(config.ticketKey).catch(() => {
    throw new Error('Config: TICKET_KEY missing or malformed')
  })
  const db = openDatabase({ url: config.databaseUrl, name: 'sandlot-website' })
  stack.defer(() => db.destroy())
  const services = { db, nodes: new Nodes(config.nodes), ticketKey, iceServers, contact }
  const auth = createAuth({ ...services, siteOrigin, secret: config.authSecret, log })
  const app = createApp({ ...services, auth, siteOrigin, webRoot, log })
  const server = createServer({ requestTimeout: REQUEST_TIMEOUT_MS, headersTimeout: HEADERS_TIMEOUT_MS }, app)
  stack.defer(() => close(server))
  const where = await listen(server, config.listen, 'WEBSITE_LISTEN') // pages load while the database is away
  await waitForDatabase(db, stopping, (why) =>
    console.error(`website: the database is not reachable (${why}). Trying until it is.`),
  )
  await saveNodes(db, config.nodes)
  await tellAgain(db)
  const clean = () => reap(db).catch((error) => log.warn({ err: error }, 'old rooms and guests stay for another hour'))
  const timer = setInterval(clean, REAP_MS)
  stack.defer(() => clearInterval(timer))
  let telling: Promise<void> | null = null
  const late = setInterval(() => {
    telling ??= tellLate(services)
      .catch((error) => log.warn({ err: error }, 'nodes that have not heard of changed keys are told later'))
      .finally(() => {
        telling = null
      })
  }, TELL_MS)
  stack.defer(async () => {
    clearInterval(late)
    await telling
  })
  console.log(`website listening on ${where}`)
}

runService(start)
