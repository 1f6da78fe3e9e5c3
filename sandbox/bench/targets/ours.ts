// The load generator's side of Sandlot: it plays the supervisor of one real game host, signs tickets like the website,
// and its players speak the real protocol.
import { once } from 'node:events'
import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { DEFAULT_BUDGETS } from '@sandlot/shared/budgets.ts'
import { CLIENT_PING_MS } from '@sandlot/shared/limits.ts'
import { PROTOCOL_VERSION } from '@sandlot/shared/protocol/codec.ts'
import { ServerDecoder } from '@sandlot/shared/protocol/decoder.ts'
import type { Json, ServerMessage } from '@sandlot/shared/protocol/messages.ts'
import { FULL } from '@sandlot/shared/protocol/packed/tags.ts'
import { newPlayerId, newRoomId } from '@sandlot/shared/random-ids.ts'
import { newTicketKeys, readSigningKey, signTicket } from '@sandlot/shared/ticket.ts'
import { WebSocket } from 'ws'
import { Builder } from '../../build/builder.ts'
import { NODE_FLAGS } from '../../host/flags.ts'
import { jsonLines } from '../../host/lines.ts'
import type { FromHost, ToHost } from '../../host/link.ts'
import { temporaryFolder } from '../../testing/folder.ts'
import { SERVER_CORE, spawnNode } from '../process.ts'
import { Keep, Player } from './player.ts'
import { type GameName, type Options, type Server, stopProcess } from './target.ts'

const HOST = fileURLToPath(new URL('../../dist/host.js', import.meta.url))
const GAMES = fileURLToPath(new URL('../games/', import.meta.url))

// What an operator may set. The room of W2 needs more processor time than one room has by default, and its peers have no limit.
const BUDGETS = { ...DEFAULT_BUDGETS, rooms: 500, players: 5_000, memoryMiB: 4_096, cpuMsPerSecond: 1_000 }

class OurPlayer extends Player {
  me = ''
  protected socket: WebSocket
  ready: Promise<void>
  #state: Json = null
  #decoder = new ServerDecoder()
  #game: GameName
  #lively = true

  constructor(url: string, ticket: string, game: GameName, keep: Keep) {
    super(keep)
    this.#game = game
    this.socket = new WebSocket(url, { perMessageDeflate: false, localAddress: ownAddress() })
    this.socket.on('open', () => this.socket.send(JSON.stringify({ t: 'hello', v: PROTOCOL_VERSION, ticket })))
    this.ready = new Promise((resolve, reject) => {
      this.socket.on('error', reject)
      this.socket.on('close', (code, reason) => reject(new Error(`closed: ${code} ${reason}`)))
      this.socket.on('message', (data: Buffer, isBinary: boolean) => {
        this.#lively ||= isBinary
        if (isBinary) this.receive(data) // a player who is not live need not read it yet
        if (isBinary && data[0] === FULL) resolve()
        if (!isBinary) this.#hear(JSON.parse(data.toString()))
      })
    })
    this.ready.catch(() => {}) // a close after the start is the end of a run
  }
  #hear(message: ServerMessage): void {
    if (message.t === 'welcome') {
      this.me = message.me.id
      const pinger = setInterval(() => this.#ping(), CLIENT_PING_MS)
      this.socket.on('close', () => clearInterval(pinger))
    }
    if (message.t === 'error') console.error(`the host says: ${message.e.message}`)
    if (message.t === 'msg') {
      if (typeof message.m === 'string') this.onText?.(message.m)
      else this.reported(message.m)
    }
  }
  /** As a browser does where something goes on. */
  #ping(): void {
    if (this.#lively) this.socket.send(`{"t":"ping","n":${Math.round(performance.now())}}`)
    this.#lively = false
  }
  protected decode(bytes: Uint8Array): void {
    const message = this.#decoder.decode(bytes)
    if (!message) throw new Error('the host sent a state that cannot be read')
    if (message.t === 'full' || message.t === 'delta') this.#state = message.s
  }
  protected ackOf(): number {
    const { players, entities } = this.#state as Record<string, Record<string, { seq: number }>>
    return (players ?? entities)?.[this.me]?.seq ?? 0
  }
  state(): Json {
    const state = this.#state as Record<string, Json>
    if (this.#game === 'arena') return { players: state.players!, bullets: state.bullets! }
    return state
  }
  input(dx: number, dy: number, seq: number): void {
    this.act('input', { dx, dy, seq })
  }
  act(a: string, d: Json): void {
    this.socket.send(JSON.stringify({ t: 'act', a, d }))
  }
  leave(): void {
    this.socket.send('{"t":"leave"}')
  }
}

let addresses = 0
/** Each player comes from an address of its own, as players do: a host caps the connections of one. */
function ownAddress(): string {
  addresses = (addresses + 1) % 60_000
  return `127.1.${addresses >> 8}.${addresses & 255 || 1}`
}

/** `value` with its numbers rounded as the host rounds them for players. */
function rounded(value: Json, factor: number): Json {
  if (typeof value === 'number') return value % 1 === 0 ? value : Math.round(value * factor) / factor
  if (Array.isArray(value)) return value.map((item) => rounded(item, factor))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, rounded(item, factor)]))
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  server.close()
  await once(server, 'close')
  return port
}

/** The build of a game of this folder, made like any creator's. */
async function build(game: GameName, precision: string | undefined, folder: string) {
  const source = join(folder, 'game')
  cpSync(`${GAMES}${game}`, source, { recursive: true })
  const manifest = JSON.parse(readFileSync(join(source, 'game.json'), 'utf8'))
  if (precision !== undefined) manifest.sync = precision === 'none' ? {} : { precision: Number(precision) }
  writeFileSync(join(source, 'game.json'), JSON.stringify(manifest))
  const builder = new Builder({ out: join(folder, 'builds') })
  const built = await builder.build(source)
  await builder[Symbol.asyncDispose]()
  if (!built.ok) throw new Error(`the game ${game} does not build: ${built.problem.message}`)
  return built
}

export async function startOurs({ game, precision, profile }: Options): Promise<Server> {
  const folder = temporaryFolder()
  const built = await build(game, precision, folder.path)
  const keys = await newTicketKeys()
  writeFileSync(join(folder.path, 'key.pem'), keys.publicPem)
  const key = await readSigningKey(keys.privatePem)

  const path = join(folder.path, 'link.sock')
  let link: Socket | undefined
  const waiting = new Map<number, (message: Extract<FromHost, { t: 'ensured' }>) => void>()
  const ready = Promise.withResolvers<void>()
  const say = (message: ToHost) => link!.write(`${JSON.stringify(message)}\n`)
  function hear(message: FromHost): void {
    if (message.t === 'ready') ready.resolve()
    if (message.t === 'problem' && message.problem) console.error(`the host says: ${message.problem.message}`)
    if (message.t !== 'ensured') return
    waiting.get(message.id)?.(message)
    waiting.delete(message.id)
  }
  const supervisor = createServer((socket) => {
    link = socket
    socket.on('error', () => {})
    socket.setEncoding('utf8').on(
      'data',
      jsonLines((value) => hear(value as FromHost), ready.reject),
    )
    say({ t: 'start', game, dir: built.dir, store: [], budgets: BUDGETS })
  }).listen(path)
  await once(supervisor, 'listening')

  const port = await freePort()
  const profiling = profile === undefined ? [] : ['--cpu-prof', '--cpu-prof-interval=200', `--cpu-prof-dir=${profile}`]
  const args = [
    '--supervisor',
    `unix:${path}`,
    '--listen',
    `127.0.0.1:${port}`,
    '--ticket-key',
    join(folder.path, 'key.pem'),
  ]
  const child = spawnNode(SERVER_CORE, [...NODE_FLAGS, ...profiling, HOST, ...args], {
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  child.once('exit', (code) => ready.reject(new Error(`the host exited with ${code}`)))
  await ready.promise

  let asked = 0
  const factor = 10 ** (built.manifest.sync.precision ?? 0)
  return {
    pid: child.pid!,
    seen: (report) => (built.manifest.sync.precision === undefined ? report : rounded(report, factor)),
    async create() {
      const room = newRoomId()
      const id = asked++
      const answer = new Promise<Extract<FromHost, { t: 'ensured' }>>((resolve) => waiting.set(id, resolve))
      say({ t: 'ensure', id, room })
      const { outcome, problem } = await answer
      if (outcome !== 'ok') throw new Error(`no room: ${outcome} ${problem?.message ?? ''}`)
      const keep = new Keep()
      return {
        async join() {
          const ticket = await signTicket(key, { game, room, player: newPlayerId(), name: 'Bench' })
          const player = new OurPlayer(`ws://127.0.0.1:${port}/ws`, ticket, game, keep)
          await player.ready
          return player
        },
      }
    },
    async stop() {
      await stopProcess(child)
      supervisor.close()
      folder[Symbol.dispose]()
    },
  }
}
