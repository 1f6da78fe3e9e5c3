// The bridge process: the only way for a sandbox to put anything in Postgres. Composes its parts, listens, stops what it started.
import { close, listen } from '@sandlot/shared/listen.ts'
import { runService } from '@sandlot/shared/service.ts'
import { openDatabase, waitForDatabase } from '@sandlot/website/db/database.ts'
import { pino, stdSerializers } from 'pino'
import { readConfig, readNodes } from './config.ts'
import { AT_ONCE, bridgeServer } from './door.ts'

const MAX_DATABASE_CONNECTIONS = 50

async function start(stack: AsyncDisposableStack, stopping: AbortSignal): Promise<void> {
  const config = readConfig(process.env)
  const log = pino(
    { name: 'bridge', serializers: { error: stdSerializers.err } },
    pino.destination({ dest: 2, sync: true }),
  )
  let { nodes } = config
  const callers = new Set(nodes.map(({ node }) => node)).size
  // Enough for what every node may do at once, so that none waits for another.
  const max = Math.min(callers * AT_ONCE + 2, MAX_DATABASE_CONNECTIONS)
  const db = openDatabase({ url: config.databaseUrl, name: 'sandlot-bridge', max })
  stack.defer(() => db.destroy())
  const server = bridgeServer({ db, nodes: () => nodes, callsPerSecond: config.callsPerSecond, log })
  stack.defer(() => close(server))
  const where = await listen(server, config.listen, 'BRIDGE_LISTEN')
  await waitForDatabase(db, stopping, (why) =>
    console.error(`bridge: the database is not reachable (${why}). Trying until it is.`),
  )
  process.on('SIGHUP', () => {
    try {
      nodes = readNodes(config.nodesFile)
      log.info({ tokens: nodes.length }, 'BRIDGE_NODES read again')
    } catch {
      log.error('BRIDGE_NODES is missing or malformed: the tokens of before stay in force')
    }
  })
  console.log(`bridge listening on ${where}`)
}

runService(start)
