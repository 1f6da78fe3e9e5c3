// Everything but the browser: a website, a bridge, a supervisor and a Postgres database, each its own process, wired as in production.
import { createHash, randomBytes } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { NodeConfig } from '../server/config.ts'
import { type TestDatabase, testDatabase } from './postgres.ts'
import { freePort, type Running, run, siteFolder, type TestSite, testSite } from './site.ts'

export interface World extends AsyncDisposable {
  db: TestDatabase
  site: TestSite
  supervisor: Running
  /** One more website process of the same site. */
  anotherSite(): Promise<TestSite>
  /** PEM of the key that a game host checks tickets with. */
  ticketPublicKey: string
  playOrigin: string
  /** What CONTROL_NODES says. */
  nodes: NodeConfig[]
  /** The supervisor's folder. */
  data: string
}

export async function testWorld(): Promise<World> {
  await using stack = new AsyncDisposableStack()
  const db = stack.use(await testDatabase())
  const secrets = stack.use(await siteFolder())
  const data = await mkdtemp(join(tmpdir(), 'sandlot-node-'))
  stack.defer(() => rm(data, { recursive: true, force: true }))
  const file = async (name: string, text: string) => {
    const path = join(secrets.folder, name)
    await writeFile(path, text, { mode: 0o600 })
    return path
  }

  const bridgeToken = randomBytes(24).toString('hex')
  const controlToken = randomBytes(24).toString('hex')
  const digest = createHash('sha256').update(bridgeToken).digest('hex')
  const bridge = stack.use(
    await run(
      'bridge/main.ts',
      {
        BRIDGE_LISTEN: '127.0.0.1:0',
        BRIDGE_DATABASE_URL: db.bridgeUrl,
        BRIDGE_NODES: await file('bridge-nodes.json', JSON.stringify({ [digest]: 'n1' })),
      },
      /bridge listening on (\S+)/,
    ),
  )
  const [port, front] = [await freePort(), await freePort()]
  const supervisor = stack.use(
    await run(
      'sandbox/supervisor/main.ts',
      {
        CONTROL_LISTEN: '127.0.0.1:0',
        CONTROL_TOKEN: await file('control-token', controlToken),
        BRIDGE_URL: bridge.match[1]!,
        BRIDGE_TOKEN: await file('bridge-token', bridgeToken),
        SANDBOX_DATA: data,
        TICKET_KEY: join(secrets.folder, 'ticket.pub.pem'),
        FRONT_LISTEN: `127.0.0.1:${front}`,
        SITE_ORIGIN: `http://127.0.0.1:${port}`,
      },
      /control door on (\S+)/,
    ),
  )
  const playOrigin = `http://localhost:${front}`
  const nodes = [{ id: 'n1', controlUrl: supervisor.match[1]!, token: controlToken, playOrigin }]
  const options = { databaseUrl: db.websiteUrl, folder: secrets.folder, nodes }
  const site = stack.use(await testSite({ ...options, port }))
  const owned = stack.move()
  return {
    db,
    site,
    supervisor,
    anotherSite: () => testSite(options),
    ticketPublicKey: secrets.ticketPublicKey,
    playOrigin,
    nodes,
    data,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}
