// What the environment says, read once at start. A bad value is reported by its name, never by its content.
import { totalmem } from 'node:os'
import { join, resolve } from 'node:path'
import { CALLS_PER_SECOND, MAX_CREATOR_BYTES, MAX_CREATOR_ENTRIES } from '@sandlot/shared/limits.ts'
import { type Address, address } from '@sandlot/shared/listen.ts'
import { type Sources, sources } from '@sandlot/shared/token.ts'
import { z } from 'zod'

export interface Config {
  control: Address
  /** Path of the file with the token that the website shows at the control door; two lines while it is being replaced. */
  controlToken: string
  /** From where the website calls; null: from anywhere that reaches the door. */
  controlFrom: Sources | null
  /** Of the website, in the long run. */
  controlCallsPerSecond: number
  bridgeUrl: string
  /** Path of the file with the token that this node shows at the bridge. */
  bridgeToken: string
  data: string
  /** Path of the public key (PEM) that checks players' tickets. */
  ticketKey: string
  /** The development front door; in production Caddy takes its place. */
  front: Address | null
  /** The only site that may show a game in its pages. */
  siteOrigin: string
  /** For development: where a server of the supervisor's own listens. */
  sftpPort: number | null
  /** The machine's own SFTP server: where creators reach it, and the path of its public key. */
  sftp: { host: string; port: number; hostKey: string } | null
  /** Path of systemctl when game hosts are units of systemd; null: they are child processes. */
  systemctl: string | null
  /** What all games of a creator together may hold, where creators upload over SFTP; `entries` are files and folders. */
  ofCreator: { bytes: number; entries: number }
  /** How many games may run at the same time. */
  runningGames: number
  /** Path of the operator's file of budgets (shared/budget-file.ts). */
  budgets: string | null
}

const GAME_MIB = 96 // of a host with a few rooms; one without any has 60
const GAMES_SHARE = 0.75 // of the machine's memory: gamesMemoryPercent of nix/appliance/settings.nix
/** As many games as a machine with so much memory runs side by side, as a rule. */
export const gamesFor = (memoryBytes: number): number =>
  Math.max(4, Math.floor((memoryBytes * GAMES_SHARE) / (GAME_MIB * 2 ** 20)))

const MAX_SOCKET_PATH_BYTES = process.platform === 'linux' ? 107 : 103 // sun_path, less the closing NUL
const LONGEST_SOCKET_NAME = 'run/0123456789ab.link'

const port = z.coerce.number().int().min(0).max(65_535)
const path = z
  .string()
  .min(1)
  .transform((text) => resolve(text))

const environment = z.object({
  CONTROL_LISTEN: address,
  CONTROL_TOKEN: path,
  CONTROL_FROM: z
    .string()
    .transform((text) => text.split(',').map((one) => one.trim()))
    .pipe(sources)
    .optional(),
  CONTROL_CALLS_PER_SECOND: z.coerce.number().int().min(1).default(CALLS_PER_SECOND),
  BRIDGE_URL: z.url({ protocol: /^https?$/ }),
  BRIDGE_TOKEN: path,
  SANDBOX_DATA: path,
  TICKET_KEY: path,
  FRONT_LISTEN: address.optional(),
  SITE_ORIGIN: z.url({ protocol: /^https?$/ }).refine((text) => URL.canParse(text) && new URL(text).origin === text),
  SFTP_PORT: port.optional(),
  SFTP_ADDRESS: z
    .string()
    .regex(/^[a-z0-9.-]+:\d{1,5}$/i)
    .transform((text) => ({ host: text.split(':')[0]!, port: Number(text.split(':')[1]) }))
    .optional(),
  SFTP_HOST_KEY: path.optional(),
  HOSTS: z.enum(['children', 'units']).default('children'),
  SYSTEMCTL: path.default('/usr/bin/systemctl'),
  CREATOR_MIB: z.coerce
    .number()
    .int()
    .min(1)
    .default(MAX_CREATOR_BYTES / 2 ** 20),
  CREATOR_FILES: z.coerce.number().int().min(1).default(MAX_CREATOR_ENTRIES),
  RUNNING_GAMES: z.coerce.number().int().min(1).optional(),
  BUDGETS: path.optional(),
})

/** Throws an Error whose message is for the operator. */
export function readConfig(env: NodeJS.ProcessEnv): Readonly<Config> {
  const parsed = environment.safeParse(env)
  if (!parsed.success) {
    const names = [...new Set(parsed.error.issues.map((issue) => String(issue.path[0])))]
    throw new Error(`Config: ${names.join(', ')} missing or malformed`)
  }
  const values = parsed.data
  if (values.SFTP_ADDRESS && (!values.SFTP_HOST_KEY || values.HOSTS !== 'units'))
    throw new Error('Config: SFTP_ADDRESS is of a machine whose game hosts are units (HOSTS) and needs SFTP_HOST_KEY')
  const bytes = Buffer.byteLength(join(values.SANDBOX_DATA, LONGEST_SOCKET_NAME))
  if (bytes > MAX_SOCKET_PATH_BYTES)
    throw new Error(
      `Config: SANDBOX_DATA is ${bytes - MAX_SOCKET_PATH_BYTES} bytes too long for the unix sockets inside it; choose a shorter folder`,
    )
  return Object.freeze({
    control: values.CONTROL_LISTEN,
    controlToken: values.CONTROL_TOKEN,
    controlFrom: values.CONTROL_FROM ?? null,
    controlCallsPerSecond: values.CONTROL_CALLS_PER_SECOND,
    bridgeUrl: values.BRIDGE_URL,
    bridgeToken: values.BRIDGE_TOKEN,
    data: values.SANDBOX_DATA,
    ticketKey: values.TICKET_KEY,
    front: values.FRONT_LISTEN ?? null,
    siteOrigin: values.SITE_ORIGIN,
    sftpPort: values.SFTP_PORT ?? null,
    sftp: values.SFTP_ADDRESS ? { ...values.SFTP_ADDRESS, hostKey: values.SFTP_HOST_KEY! } : null,
    systemctl: values.HOSTS === 'units' ? values.SYSTEMCTL : null,
    ofCreator: { bytes: values.CREATOR_MIB * 2 ** 20, entries: values.CREATOR_FILES },
    runningGames: values.RUNNING_GAMES ?? gamesFor(totalmem()),
    budgets: values.BUDGETS ?? null,
  })
}
