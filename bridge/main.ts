// The bridge process: the only way for a sandbox to put anything in Postgres. Composes its parts, listens, stops what it started.
import { close, listen } from '@sandlot/shared/listen.ts'
import { runService } from '@sandlot/shared/service.ts'
import { openDatabase, waitForDatabase } from '@sandlot/website/db/database.ts'
import { pino } from 'pino'
import { readConfig } from './config.ts'
import { bridgeServer } from './door.ts'
import { forgetOldReports } from './store.ts'

const FORGET_MS = 60 * 60_000

async function start(stack: AsyncDisposableStack, stopping: AbortSignal): Promise<void> {
  const config = readConfig(process.env)
  const log = pino({ name: 'bridge' }, pino.destination({ dest: 2, sync: true }))
  const db = openDatabase({ url: config.databaseUrl, name: 'sandlot-bridge' })
  stack.defer(() => db.destroy())
  const server = bridgeServer(db, config.nodes, log)
  stack.defer(() => close(server))
  const where = await listen(server, config.listen, 'BRIDGE_LISTEN')
  await waitForDatabase(db, stopping, (why) =>
    console.error(`bridge: the database is not reachable (${why}). Trying until it is.`),
  )
  const forget = () => forgetOldReports(db).catch((error) => log.warn({ error }, 'old reports stay for another hour'))
  const timer = setInterval(forget, FORGET_MS)
  stack.defer(() => clearInterval(timer))
  console.log(`bridge listening on ${where}`)
}

runService(start)
