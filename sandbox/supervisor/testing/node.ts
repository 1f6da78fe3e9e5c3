// A sandbox node for a test: the real supervisor process on a data folder of its own, and a bridge door beside it.
// `await using node = await testNode()`; afterwards no process that it started is left.
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { newPlayerId, newRoomId } from '@sandlot/shared/random-ids.ts'
import { COMPILED } from '@sandlot/shared/testing/compiled.ts'
import { newTicketKeys, readSigningKey, signTicket } from '@sandlot/shared/ticket.ts'
import { createTRPCClient, httpLink } from '@trpc/client'
import { WebSocket } from 'ws'
import { socketPaths } from '../host.ts'
import type { ControlRouter } from '../router.ts'
import { BridgeDoor } from './bridge.ts'
import { Player } from './player.ts'
import { until } from './until.ts'

const MAIN = fileURLToPath(new URL('../main.ts', import.meta.url))
export const TOKEN = 'control-token-of-the-tests'

export type TestNode = Awaited<ReturnType<typeof testNode>>

/** `settings`: further environment of the supervisor. */
export async function testNode({
  bridgeUp = true,
  sftp = false,
  data = newFolder(),
  settings = {} as Record<string, string>,
} = {}) {
  const bridge = new BridgeDoor('bridge-token-of-the-tests')
  await bridge.up()
  if (!bridgeUp) bridge.down()
  const keys = await newTicketKeys()
  const signing = await readSigningKey(keys.privatePem)
  const file = (name: string, text: string) => {
    const path = join(data, name)
    writeFileSync(path, text, { mode: 0o600 })
    return path
  }
  const env = {
    PATH: process.env.PATH,
    ...COMPILED,
    CONTROL_LISTEN: '127.0.0.1:0',
    CONTROL_TOKEN: file('control-token', `${TOKEN}\n`),
    BRIDGE_URL: bridge.url,
    BRIDGE_TOKEN: file('bridge-token', bridge.token),
    SANDBOX_DATA: data,
    TICKET_KEY: file('ticket.pem', keys.publicPem),
    FRONT_LISTEN: '127.0.0.1:0',
    SITE_ORIGIN: 'http://localhost:4000',
    ...(sftp && { SFTP_PORT: '0' }),
    ...settings,
  }
  let child: ChildProcess
  let output = ''
  const address = (what: string) => new RegExp(`${what} on (http:\\S+)`).exec(output)?.[1]

  const node = {
    bridge,
    data,
    control: undefined as unknown as ReturnType<typeof controlClient>,
    controlUrl: '',
    front: '',
    /** Everything the supervisor has written since it was started last. */
    get output() {
      return output
    },
    get pid() {
      return child.pid!
    },
    async start() {
      output = ''
      child = spawn(process.execPath, [MAIN], { env, stdio: ['ignore', 'pipe', 'pipe'] })
      child.stdout!.on('data', (chunk) => {
        output += chunk
      })
      child.stderr!.on('data', (chunk) => {
        output += chunk
      })
      await until('the supervisor to be ready', () => {
        if (child.exitCode !== null) throw new Error(output)
        return address('control door')
      })
      node.controlUrl = address('control door')!
      node.front = address('games')!
      node.control = controlClient(node.controlUrl, TOKEN)
    },
    /** Ends the supervisor and waits until it is gone. */
    async stop(signal: NodeJS.Signals = 'SIGTERM') {
      if (child.exitCode !== null || child.signalCode !== null) return
      const gone = new Promise((resolve) => child.once('exit', resolve))
      child.kill(signal)
      await gone
    },
    folder: (game: string) => join(data, 'games', game),
    playSocket: (game: string) => socketPaths(join(data, 'run'), game).play,
    /** A game from a template; with `files` written over it, once they are its build. */
    async game(template: 'hello' | 'pong', files: Record<string, string> = {}, game: string = template) {
      await node.control.games.create.mutate({ game, owner: 'u1', template, title: 'A test' })
      if (Object.keys(files).length === 0) return game
      const build = async () => {
        const answer = await node.control.games.status.query({ game })
        return answer.ok && answer.status.build
      }
      const first = await until('the build of the template', build)
      for (const [path, text] of Object.entries(files)) writeFileSync(join(node.folder(game), path), text)
      await until('the build of the files', async () => (await build()) !== first)
      return game
    },
    async room(game: string): Promise<string> {
      const room = newRoomId()
      const made = await node.control.rooms.ensure.mutate({ game, room })
      if (!made.ok) throw new Error(`no room: ${JSON.stringify(made)}`)
      return room
    },
    /** A player with a ticket, over the game's own socket or through the front door. */
    async play(game: string, room: string, through: 'socket' | 'front' = 'socket'): Promise<Player> {
      const url = through === 'socket' ? `ws+unix:${node.playSocket(game)}:/ws` : node.frontSocket(game)
      const ticket = await node.ticket(game, room) // first: a socket that opens while the ticket is signed would never be greeted
      return Player.join(new WebSocket(url), ticket)
    },
    frontSocket: (game: string) => `${node.front.replace('http', 'ws')}/${game}/ws`,
    ticket: (game: string, room: string, nowMs?: number) =>
      signTicket(signing, { game, room, player: newPlayerId(), name: 'Ann' }, nowMs),
    ticketKey: keys.publicPem,
    /** Process id of the game's host. */
    hostPid: (game: string) => hostPid(output, game),
    async [Symbol.asyncDispose]() {
      const hosts = hostPids(output)
      await node.stop()
      await bridge.close()
      await until('every game host to be gone', () => hosts.every((pid) => !isAlive(pid)))
      rmSync(data, { recursive: true, force: true })
    },
  }
  try {
    await node.start()
  } catch (error) {
    await node[Symbol.asyncDispose]()
    throw error
  }
  return node
}

export function newFolder(under = tmpdir()): string {
  return mkdtempSync(join(under, 'sandlot-'))
}

export function controlClient(url: string, token: string) {
  return createTRPCClient<ControlRouter>({ links: [httpLink({ url, headers: { authorization: `Bearer ${token}` } })] })
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

/** From the supervisor's log: the last host of a game. */
function hostPid(output: string, game: string): number | undefined {
  const found = [...output.matchAll(/\{[^\n]*"game":"([^"]+)"[^\n]*"hostPid":(\d+)/g)].filter(([, id]) => id === game)
  return found.length ? Number(found.at(-1)![2]) : undefined
}

const hostPids = (output: string): number[] => [...output.matchAll(/"hostPid":(\d+)/g)].map(([, pid]) => Number(pid))
