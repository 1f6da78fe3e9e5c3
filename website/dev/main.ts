// npm run dev: everything on one machine. Postgres, bridge, supervisor with its front door and SFTP, website; the example games on a fresh start.
import { once } from 'node:events'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { startPostgres } from '../db/embedded.ts'
import { prepareDatabase } from '../db/prepare.ts'
import { type DevConfig, readConfig } from './config.ts'
import { seedExamples } from './examples.ts'
import { makeOutputs } from './outputs.ts'
import { openSecrets, writeControlNodes } from './secrets.ts'
import { Service } from './service.ts'

const root = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url))
const stack = new AsyncDisposableStack()
const ended = Promise.withResolvers<number>()

/** Rejects with one sentence when another program has the port. */
async function checkFree(port: number): Promise<void> {
  const server = createServer().listen(port, '127.0.0.1')
  try {
    await once(server, 'listening')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    const why = code === 'EADDRINUSE' ? 'is in use by another program' : `cannot be opened (${code})`
    throw new Error(`Port ${port} ${why}. Choose another, for example: PORT=5000 npm run dev`)
  }
  server.close()
  await once(server, 'close')
}

async function database({ databaseUrl, data }: DevConfig): Promise<{ websiteUrl: string; bridgeUrl: string }> {
  if (databaseUrl === undefined)
    return prepareDatabase(stack.use(await startPostgres({ folder: join(data, 'postgres') })).url)
  try {
    return await prepareDatabase(databaseUrl)
  } catch (cause) {
    const { message } = cause as Error
    throw new Error(`The database of DATABASE_URL cannot be prepared: ${message}`, { cause })
  }
}

async function start(): Promise<void> {
  const config = readConfig(process.env)
  const { port, data } = config
  const site = `http://localhost:${port}`
  const play = `http://127.0.0.1:${port + 1}`
  await Promise.all([checkFree(port), checkFree(port + 1)])
  const [secrets, urls] = await Promise.all([openSecrets(data), database(config), makeOutputs({ onlyStale: true })])

  const service = (name: string, main: string, env: Record<string, string>): Service =>
    stack.use(
      new Service({
        name,
        main,
        env,
        log: join(data, 'logs', `${name}.log`),
        onEnd(sentence) {
          console.error(sentence)
          ended.resolve(1)
        },
      }),
    )
  const bridge = service('bridge', 'bridge/main.ts', {
    BRIDGE_LISTEN: '127.0.0.1:0',
    BRIDGE_DATABASE_URL: urls.bridgeUrl,
    BRIDGE_NODES: secrets.bridgeNodes,
  })
  const bridgeUrl = await bridge.line(/^bridge listening on (http:\S+)/)
  const supervisor = service('supervisor', 'sandbox/supervisor/main.ts', {
    CONTROL_LISTEN: '127.0.0.1:0',
    CONTROL_TOKEN: secrets.controlToken,
    BRIDGE_URL: bridgeUrl,
    BRIDGE_TOKEN: secrets.bridgeToken,
    SANDBOX_DATA: join(data, 'sandbox'),
    TICKET_KEY: secrets.ticketPublic,
    FRONT_LISTEN: `127.0.0.1:${port + 1}`,
    SITE_ORIGIN: site,
    SFTP_PORT: String(port + 22),
    ...(config.budgets && { BUDGETS: config.budgets }),
  })
  writeControlNodes(secrets, await supervisor.line(/control door on (http:\S+)/), play)
  const website = service('website', 'website/server/main.ts', {
    WEBSITE_LISTEN: `127.0.0.1:${port}`,
    DATABASE_URL: urls.websiteUrl,
    SITE_ORIGIN: site,
    TICKET_KEY: secrets.ticketPrivate,
    CONTROL_NODES: secrets.controlNodes,
    ...(config.iceServers && { ICE_SERVERS: config.iceServers }),
    AUTH_SECRET: secrets.authSecret,
    WEB_ROOT: root('website/web/dist'),
  })
  await website.line(/^website listening on (\S+)/)
  await seedExamples(site, secrets.housePassword, join(data, 'examples-seeded'))
  console.log(`Sandlot is ready: ${site}`)
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => ended.resolve(0))
const starting = start().catch((error: Error) => {
  console.error(error.message)
  ended.resolve(1)
})
const code = await ended.promise
await Promise.race([starting, new Promise((resolve) => setTimeout(resolve, 1_000))]) // what is half started must be on the stack
await stack.disposeAsync()
process.exit(code)
