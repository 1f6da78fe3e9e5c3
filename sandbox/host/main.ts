// sandlot-host: runs one game, alone from a folder or under a supervisor. The same program in development and in production.
import { readFileSync } from 'node:fs'
import { basename, resolve } from 'node:path'
import { type Budgets, DEFAULT_BUDGETS } from '@sandlot/shared/budgets.ts'
import { NODE_FLAGS } from './flags.ts'
import { type Options, readOptions, USAGE, UsageError } from './options.ts'
import type { Admit } from './socket.ts'

process.env.TZ = 'UTC' // rooms see one time zone, wherever they run
const STOP_MS = 3_000 // an isolate's thread that never ends must not keep a stopping host alive

function fail(sentence: string): never {
  process.stderr.write(`sandlot-host: ${sentence}\n`)
  process.exit(2)
}

function listenProblem(error: NodeJS.ErrnoException, { listen }: Options): string | undefined {
  const where = 'path' in listen ? listen.path : `port ${listen.port}`
  if (error.code === 'EADDRINUSE') return `${where} is in use by another program: choose another with --listen`
  if (error.code === 'EACCES') return `this user may not listen on ${where}: choose another with --listen`
  if (error.code === 'EADDRNOTAVAIL' || error.code === 'ENOTFOUND')
    return `this machine has no such address for --listen`
  return undefined
}

/** Checks tickets signed with the website's key; a ticket works once. */
function ticketCheck(pem: string): (game: string) => Admit {
  // Loaded beside the start of the game: no player can be here before it.
  const loading = import('@sandlot/shared/ticket.ts').then(async (tickets) => ({
    ...tickets,
    key: await tickets.readVerifyKey(pem),
    used: new tickets.UsedTickets(),
  }))
  loading.catch(() => fail('the file of --ticket-key is not an Ed25519 public key in PEM form'))
  return (game) => async (token) => {
    const { verifyTicket, key, used } = await loading
    const ticket = await verifyTicket(key, token, game)
    if (!ticket || !used.use(ticket)) return undefined
    return { room: ticket.room, player: { id: ticket.player, name: ticket.name } }
  }
}

async function run(options: Options, onStop: () => void): Promise<() => Promise<void>> {
  const { source, listen, site, ticketKey, budgets } = options
  if (source.kind === 'supervisor') {
    const admitFor = ticketKey === undefined ? undefined : ticketCheck(readFileSync(ticketKey, 'utf8'))
    const { runHosted } = await import('./hosted.ts')
    return runHosted({ supervisor: source.path, listen, site, admitFor, onStop })
  }
  const { runAlone } = await import('./alone.ts')
  return runAlone({
    folder: source.folder,
    listen,
    site,
    budgets: budgets === undefined ? DEFAULT_BUDGETS : await budgetsFrom(budgets, basename(resolve(source.folder))),
  })
}

async function budgetsFrom(path: string, game: string): Promise<Budgets> {
  const { readBudgets } = await import('@sandlot/shared/budget-file.ts')
  try {
    return readBudgets(readFileSync(path, 'utf8'))(game)
  } catch (error) {
    fail(`the file of --budgets: ${error instanceof Error ? error.message : error}`)
  }
}

function read(): Options {
  try {
    const options = readOptions(process.argv.slice(2))
    if (options !== 'help') return options
    process.stdout.write(USAGE)
    process.exit(0)
  } catch (error) {
    if (error instanceof UsageError) fail(error.message)
    throw error
  }
}

const options = read()
for (const flag of NODE_FLAGS.slice(0, 2)) {
  if (!process.execArgv.includes(flag))
    fail(`start it as "npx sandlot-host", or give Node the flags ${NODE_FLAGS.join(' ')}`)
}
const stopped = Promise.withResolvers<void>()
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stopped.resolve())
try {
  const stop = await run(options, stopped.resolve)
  await stopped.promise
  setTimeout(() => process.kill(process.pid, 'SIGKILL'), STOP_MS).unref()
  await stop()
  process.exit(0)
} catch (error) {
  const sentence = listenProblem(error as NodeJS.ErrnoException, options)
  if (sentence) fail(sentence)
  process.stderr.write(`sandlot-host: ${(error as Error).message}\n`)
  process.exit(1)
}
