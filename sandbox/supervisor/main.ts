// The supervisor of one sandbox node: composes its parts, listens, and stops everything it started.
import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { readBudgets } from '@sandlot/shared/budget-file.ts'
import { type Budgets, DEFAULT_BUDGETS } from '@sandlot/shared/budgets.ts'
import { MAX_FOLDER_ENTRIES, MAX_UPLOAD_BYTES, MAX_UPLOAD_DEPTH } from '@sandlot/shared/limits.ts'
import { close, listen } from '@sandlot/shared/listen.ts'
import { runService } from '@sandlot/shared/service.ts'
import { readVerifyKey } from '@sandlot/shared/ticket.ts'
import { type Logger, pino, stdSerializers } from 'pino'
import { applyByUnit, openAccounts } from './accounts.ts'
import { amount } from './allowance.ts'
import { connectBridge } from './bridge.ts'
import { type Config, readConfig } from './config.ts'
import { Disk } from './disk.ts'
import { controlServer } from './door.ts'
import { frontServer } from './front.ts'
import { childLauncher } from './process.ts'
import { Queue } from './queue.ts'
import { Reports } from './reports.ts'
import { noSftp, openSftp, type Sftp } from './sftp.ts'
import { Supervisor } from './supervisor.ts'
import { unitLauncher } from './units.ts'
import { Uploads } from './uploads.ts'

const SFTP_PROCESSES = '/sys/fs/cgroup/system.slice/sshd-sftp.service/cgroup.procs'

async function start(stack: AsyncDisposableStack): Promise<void> {
  const config = readConfig(process.env)
  const log = pino(
    { name: 'supervisor', serializers: { error: stdSerializers.err } },
    pino.destination({ dest: 2, sync: true }),
  )
  let tokens = controlTokens(config.controlToken)
  const bridgeToken = secret('BRIDGE_TOKEN', config.bridgeToken)
  await readVerifyKey(secret('TICKET_KEY', config.ticketKey)).catch(() => {
    throw new Error('TICKET_KEY must name a file with an Ed25519 public key in PEM.')
  })
  const games = join(config.data, 'games')
  mkdirSync(games, { recursive: true, mode: 0o700 })

  const disk = stack.use(new Disk(log))
  const queue = new Queue(join(config.data, 'reports.jsonl'), disk)
  const reports = stack.use(new Reports(connectBridge(config.bridgeUrl, bridgeToken), queue, log))
  const sftp = stack.use(await sftpOf(config, games, log))
  const budgets = config.budgets === null ? () => DEFAULT_BUDGETS : budgetsFrom(config.budgets)
  let uploads: Uploads | undefined
  const supervisor = stack.use(
    await Supervisor.open({
      data: config.data,
      ticketKey: config.ticketKey,
      site: config.siteOrigin,
      launcher: config.systemctl === null ? childLauncher(log) : unitLauncher({ systemctl: config.systemctl }),
      reports,
      disk,
      sftp,
      uploads: () => uploads,
      runningGames: config.runningGames,
      budgets,
      log,
    }),
  )
  if (config.sftp)
    uploads = stack.use(
      new Uploads({
        sftp,
        games: () => supervisor.games,
        folder: (game) => join(games, game),
        ownerOf: (game) => supervisor.ownerOf(game),
        ofCreator: config.ofCreator,
        limits: { bytes: MAX_UPLOAD_BYTES, entries: MAX_FOLDER_ENTRIES, depth: MAX_UPLOAD_DEPTH },
        isBusy: someoneConnected,
        restoredMs: (game) => supervisor.restoredMs(game),
        tell: (game, text) => supervisor.tell(game, text),
        log,
      }),
    )
  if (config.front) {
    const front = frontServer(supervisor, log, () => budgets(''), 'path' in config.front)
    stack.defer(() => close(front))
    console.log(`Supervisor: games on ${await listen(front, config.front, 'FRONT_LISTEN')}`)
  }
  process.on('SIGHUP', () => {
    try {
      tokens = controlTokens(config.controlToken)
      log.info({ tokens: tokens.length }, 'CONTROL_TOKEN read again')
    } catch (error) {
      log.error(`${(error as Error).message} The tokens of before stay in force.`)
    }
  })
  const { controlFrom: from, controlCallsPerSecond: callsPerSecond } = config
  const control = controlServer({ control: supervisor, tokens: () => tokens, from, callsPerSecond, log })
  stack.defer(() => close(control))
  console.log(`Supervisor: control door on ${await listen(control, config.control, 'CONTROL_LISTEN')}`)
}

/** True when that cannot be told. */
function someoneConnected(): boolean {
  try {
    return readFileSync(SFTP_PROCESSES, 'utf8').trim().split('\n').length > 1 // the first is the server itself
  } catch {
    return true
  }
}

async function sftpOf(
  { data, sftp, sftpPort, systemctl, ofCreator }: Config,
  games: string,
  log: Logger,
): Promise<Sftp> {
  if (sftp && systemctl) {
    const hostKey = secret('SFTP_HOST_KEY', sftp.hostKey)
    const allowance = `A game's folder may hold ${amount({ bytes: MAX_UPLOAD_BYTES, entries: MAX_FOLDER_ENTRIES })}, all your games together ${amount(ofCreator)}.`
    const apply = applyByUnit(systemctl)
    return openAccounts({ file: join(data, 'accounts.json'), address: sftp, hostKey, allowance, apply })
  }
  if (sftpPort === null) return noSftp(games, 'SFTP is switched off: SFTP_PORT is not set.')
  return openSftp({ folder: join(data, 'sftp'), games, port: sftpPort, log })
}

/** As `readBudgets`; throws an Error for the operator. */
function budgetsFrom(path: string): (game: string) => Budgets {
  try {
    return readBudgets(readFileSync(path, 'utf8'))
  } catch (error) {
    throw new Error(`BUDGETS: ${path}: ${error instanceof Error ? error.message : error}`)
  }
}

/** A line each: the old and the new one while the website's token is being replaced. */
function controlTokens(path: string): string[] {
  return secret('CONTROL_TOKEN', path)
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
}

function secret(name: string, path: string): string {
  try {
    const text = readFileSync(path, 'utf8').trim()
    if (text) return text
  } catch {
    // said below
  }
  throw new Error(`${name} must name a readable file that is not empty.`)
}

runService(start)
