// The load generator's side of peers/raw.mjs.
import type { Json } from '@sandlot/shared/protocol/messages.ts'
import { WebSocket } from 'ws'
import { PEERS } from '../peers.ts'
import { SERVER_CORE, spawnNode } from '../process.ts'
import { Keep, Player } from './player.ts'
import { type GameName, type Options, printedPort, type Server, stopProcess } from './target.ts'

type Rows = Map<number, Record<string, number>>
interface Unpacker {
  rows: Rows[]
  apply(bytes: Uint8Array): void
}

class RawPlayer extends Player {
  me = ''
  protected socket: WebSocket
  #unpacker: Unpacker
  #game: GameName
  #bytes = Buffer.alloc(6)
  ready: Promise<void>

  constructor(url: string, unpacker: Unpacker, game: GameName, keep: Keep) {
    super(keep)
    this.#unpacker = unpacker
    this.#game = game
    this.socket = new WebSocket(url, { perMessageDeflate: false })
    this.ready = new Promise((resolve, reject) => {
      this.socket.on('error', reject)
      this.socket.on('message', (data: Buffer, isBinary: boolean) => {
        if (isBinary) {
          this.receive(data)
          resolve()
        } else {
          this.#hear(data.toString())
          if (game === 'echo') resolve()
        }
      })
    })
  }
  #hear(text: string): void {
    const message = JSON.parse(text)
    if (message.t === 'hello') this.me = String(message.me)
    else if (message.t === 'report') this.reported(message.s)
    else this.onText?.(message.m)
  }
  protected decode(bytes: Uint8Array): void {
    this.#unpacker.apply(bytes)
  }
  #row(): Record<string, number> | undefined {
    const [table] = this.#unpacker.rows
    return table?.get(this.#game === 'crowd' ? 200 + Number(this.me) : Number(this.me))
  }
  protected ackOf(): number {
    return this.#row()?.seq ?? 0
  }
  state(): Json {
    const [first, second] = this.#unpacker.rows as [Rows, Rows]
    if (this.#game === 'arena') return { players: Object.fromEntries(first), bullets: [...second.values()] }
    return this.#game === 'crowd' ? { entities: Object.fromEntries(first) } : { board: first.get(0)! }
  }
  input(dx: number, dy: number, seq: number): void {
    this.#bytes.writeInt8(dx, 0)
    this.#bytes.writeInt8(dy, 1)
    this.#bytes.writeUInt32LE(seq, 2)
    this.socket.send(this.#bytes)
  }
  act(t: string, d: Json): void {
    this.socket.send(JSON.stringify({ t, d }))
  }
  leave(): void {
    this.socket.close()
  }
}

export async function startRaw({ game }: Options): Promise<Server> {
  const { Unpacker } = await import(`${PEERS}pack.mjs`)
  const { TABLES } = await import(`../games/${game}/rules.js`)
  const child = spawnNode(SERVER_CORE, [`${PEERS}raw.mjs`, game], { stdio: ['ignore', 'pipe', 'inherit'] })
  const address = `127.0.0.1:${await printedPort(child)}`
  return {
    pid: child.pid!,
    seen: (report) => report,
    async create() {
      const room = await (await fetch(`http://${address}/`, { method: 'POST' })).text()
      const keep = new Keep()
      return {
        async join() {
          const player = new RawPlayer(`ws://${address}/${room}`, new Unpacker(Object.values(TABLES)), game, keep)
          await player.ready
          return player
        },
      }
    },
    stop: () => stopProcess(child),
  }
}
