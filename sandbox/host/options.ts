// The command line of sandlot-host. Every mistake is one sentence that says what to write instead.
import { existsSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { parseArgs } from 'node:util'

export const USAGE = `Usage: sandlot-host FOLDER --listen PORT
       sandlot-host --supervisor unix:PATH --listen unix:PATH --ticket-key FILE

Serves the game in FOLDER (server.js and client.js; see README.md) to everybody who reaches it. Every save goes live in the running rooms.

  --listen PORT|HOST:PORT|unix:PATH   where players connect; a PORT alone is reachable from this machine only, 0 takes a free one
  --supervisor unix:PATH              take the game, its builds and its budgets from a supervisor instead of a folder
  --ticket-key FILE                   with --supervisor: Ed25519 public key (PEM), lets in only players with a ticket of the website
  --site ORIGIN                       the website that may embed the game's page, such as https://site.example
  --budgets FILE                      with FOLDER, whose name is the game's: what it may use (see README); without it the defaults
  --help                              show this
`

export class UsageError extends Error {}

export type Listen = { host: string; port: number } | { path: string }
export type Source = { kind: 'folder'; folder: string } | { kind: 'supervisor'; path: string }
export interface Options {
  source: Source
  listen: Listen
  ticketKey: string | undefined
  site: string | undefined
  budgets: string | undefined
}

const MAX_SOCKET_PATH = 107 // bytes; the kernel's sockaddr_un has no room for more

/** The options, or 'help'. Throws UsageError. */
export function readOptions(args: string[]): Options | 'help' {
  const { values, positionals } = parse(args)
  if (values.help) return 'help'
  if (values.listen === undefined) throw new UsageError('Say where to listen, for example: --listen 9000')
  const source = readSource(positionals, values.supervisor)
  if (source.kind === 'folder' && values['ticket-key'] !== undefined)
    throw new UsageError(
      'Leave out --ticket-key: tickets are for rooms of a website; a game in a folder lets everybody in',
    )
  if (source.kind === 'supervisor' && values.budgets !== undefined)
    throw new UsageError('Leave out --budgets: the supervisor says what its games may use')
  return {
    source,
    listen: readListen(values.listen),
    ticketKey: values['ticket-key'] === undefined ? undefined : readFileOption('--ticket-key', values['ticket-key']),
    site: values.site === undefined ? undefined : readSite(values.site),
    budgets: values.budgets === undefined ? undefined : readFileOption('--budgets', values.budgets),
  }
}

function parse(args: string[]) {
  try {
    return parseArgs({
      args,
      allowPositionals: true,
      options: {
        listen: { type: 'string' },
        'ticket-key': { type: 'string' },
        supervisor: { type: 'string' },
        site: { type: 'string' },
        budgets: { type: 'string' },
        help: { type: 'boolean' },
      },
    })
  } catch (error) {
    throw new UsageError(`${(error as Error).message.split(/\. |\n/)[0]}. See --help.`)
  }
}

function readSource(positionals: string[], supervisor: string | undefined): Source {
  if (positionals.length > 1)
    throw new UsageError(`Name one game folder, not ${positionals.length}: ${positionals.join(', ')}`)
  const [folder] = positionals
  if (supervisor !== undefined) {
    if (folder !== undefined) throw new UsageError('Name a game folder or --supervisor, not both')
    return { kind: 'supervisor', path: readSocketPath('--supervisor', supervisor) }
  }
  if (folder === undefined)
    throw new UsageError('Name the game folder, for example: sandlot-host sandbox/examples/pong --listen 9000')
  if (!existsSync(folder)) throw new UsageError(`There is no folder "${folder}"`)
  if (!statSync(folder).isDirectory()) throw new UsageError(`"${folder}" is a file; name the folder of the game`)
  return { kind: 'folder', folder }
}

function readListen(text: string): Listen {
  if (text.startsWith('unix:')) return { path: readSocketPath('--listen', text) }
  const match = /^(?:(.+):)?(\d{1,5})$/.exec(text)
  const port = Number(match?.[2])
  if (!match || port > 65535)
    throw new UsageError(`--listen must be a port from 0 to 65535, HOST:PORT or unix:PATH, not "${text}"`)
  return { host: match[1]?.replace(/^\[(.*)\]$/, '$1') ?? '127.0.0.1', port }
}

function readSocketPath(option: string, text: string): string {
  const path = text.startsWith('unix:') ? text.slice('unix:'.length) : ''
  if (path === '') throw new UsageError(`${option} must be unix:PATH, not "${text}"`)
  if (Buffer.byteLength(path) > MAX_SOCKET_PATH) {
    throw new UsageError(
      `The path of ${option} is longer than the ${MAX_SOCKET_PATH} bytes a unix socket may have: ${path}`,
    )
  }
  if (!existsSync(dirname(path))) throw new UsageError(`The folder of ${option} does not exist: ${dirname(path)}`)
  return path
}

function readFileOption(option: string, path: string): string {
  if (!existsSync(path)) throw new UsageError(`The file of ${option} does not exist: ${path}`)
  return path
}

function readSite(text: string): string {
  if (!URL.canParse(text) || new URL(text).origin !== text) {
    throw new UsageError(`--site must be an origin such as https://site.example, not "${text}"`)
  }
  return text
}
