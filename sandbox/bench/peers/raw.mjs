// The practical floor: trusted game logic in the server process, plain ws, hand-packed deltas. node raw.mjs GAME. Prints the port it serves on.
// POST / makes a room and answers with its number; a websocket to /NUMBER joins it. Binary frames are state (pack.mjs) and inputs, text is JSON.
import { createServer } from 'node:http'
import { WebSocketServer } from 'ws'
import * as arena from '../games/arena/rules.js'
import * as board from '../games/board/rules.js'
import * as crowd from '../games/crowd/rules.js'
import * as echo from '../games/echo/rules.js'
import { Packer } from './pack.mjs'

const rooms = new Map()
let made = 0

/** Seats, messages and the timer that all rooms have. */
class Room {
  id = made++
  clients = new Map() // slot -> socket
  frame = 0
  stopped = false
  inputs = []
  constructor(rules) {
    rooms.set(this.id, this)
    this.rules = rules
    if (!rules.TICK_RATE) return
    this.timer = setInterval(() => {
      this.frame++
      if (!this.stopped) {
        for (const { slot, data } of this.inputs) if (this.clients.has(slot)) this.input(slot, data)
        this.tick()
      }
      this.inputs.length = 0
      this.flush()
    }, 1000 / rules.TICK_RATE)
  }
  enter(socket) {
    let slot = 0
    while (this.clients.has(slot)) slot++
    this.clients.set(slot, socket)
    this.join(slot)
    socket.send(`{"t":"hello","me":${slot}}`)
    this.greet(slot, socket)
    socket.on('message', (data, isBinary) => {
      if (isBinary) {
        const input = { dx: data.readInt8(0), dy: data.readInt8(1), seq: data.readUInt32LE(2) }
        this.inputs.push({ slot, data: input })
      } else this.hear(slot, socket, JSON.parse(data.toString()))
    })
    socket.on('close', () => {
      this.clients.delete(slot)
      this.leave(slot)
      if (this.clients.size > 0) return
      clearInterval(this.timer)
      rooms.delete(this.id)
    })
  }
  hear(slot, socket, { t, d }) {
    if (t === 'stop') this.stopped = true
    else if (t === 'report') socket.send(JSON.stringify({ t, s: this.report(slot) }))
    else this.act(slot, socket, t, d)
  }
  broadcast(data) {
    if (data !== undefined) for (const socket of this.clients.values()) socket.send(data)
  }
  join() {}
  leave() {}
  greet() {}
  flush() {}
}

class Arena extends Room {
  players = new Map()
  bullets = new Map(Array.from({ length: arena.BULLETS }, (_, i) => [i, arena.newBullet(i)]))
  tables = [this.players, this.bullets]
  packer = new Packer(Object.values(arena.TABLES))
  constructor() {
    super(arena)
  }
  join(slot) {
    this.players.set(slot, arena.newPlayer(slot))
  }
  leave(slot) {
    this.players.delete(slot)
  }
  greet(_slot, socket) {
    const news = this.packer.delta(this.tables)
    for (const other of this.clients.values()) if (other !== socket && news) other.send(news)
    socket.send(this.packer.full())
  }
  input(slot, data) {
    arena.steer(this.players.get(slot), data)
  }
  tick() {
    for (const player of this.players.values()) arena.movePlayer(player, this.frame)
    for (const [i, bullet] of this.bullets) arena.moveBullet(bullet, i, this.frame)
  }
  flush() {
    this.broadcast(this.packer.delta(this.tables))
  }
  report() {
    return { players: Object.fromEntries(this.players), bullets: [...this.bullets.values()] }
  }
}

class Crowd extends Room {
  entities = new Map(Array.from({ length: crowd.WANDERERS }, (_, i) => [i, crowd.newEntity(i, 0)]))
  views = new Map() // slot -> Packer
  constructor() {
    super(crowd)
  }
  join(slot) {
    this.entities.set(crowd.WANDERERS + slot, crowd.newEntity(crowd.WANDERERS + slot, 1))
    this.views.set(slot, new Packer(Object.values(crowd.TABLES)))
  }
  leave(slot) {
    this.entities.delete(crowd.WANDERERS + slot)
    this.views.delete(slot)
  }
  seen(slot) {
    const me = this.entities.get(crowd.WANDERERS + slot)
    const seen = new Map()
    for (const [id, entity] of this.entities) if (crowd.sees(me, entity)) seen.set(id, entity)
    return seen
  }
  greet(slot, socket) {
    socket.send(this.views.get(slot).delta([this.seen(slot)]))
  }
  input(slot, data) {
    crowd.steer(this.entities.get(crowd.WANDERERS + slot), data)
  }
  tick() {
    let i = 0
    for (const entity of this.entities.values()) crowd.moveEntity(entity, i++, this.frame)
  }
  flush() {
    for (const [slot, socket] of this.clients) {
      const news = this.views.get(slot).delta([this.seen(slot)])
      if (news) socket.send(news)
    }
  }
  report(slot) {
    return { entities: Object.fromEntries(this.seen(slot)) }
  }
}

class Echo extends Room {
  waiting = []
  constructor() {
    super(echo)
  }
  act(_slot, socket, t, d) {
    const text = JSON.stringify({ t: 'msg', m: d })
    this.waiting.push(() => (t === 'echo' ? socket.send(text) : this.broadcast(text)))
  }
  tick() {
    for (const say of this.waiting.splice(0)) say()
  }
}

class Board extends Room {
  tables = [new Map([[0, board.newBoard()]])]
  packer = new Packer(Object.values(board.TABLES))
  constructor() {
    super(board)
    this.flush()
  }
  greet(_slot, socket) {
    socket.send(this.packer.full())
  }
  act(_slot, _socket, _t, data) {
    board.mark(this.tables[0].get(0), data)
    this.flush()
  }
  flush() {
    this.broadcast(this.packer.delta(this.tables))
  }
  report() {
    return { board: this.tables[0].get(0) }
  }
}

const Game = { arena: Arena, crowd: Crowd, echo: Echo, board: Board }[process.argv[2]]
const server = createServer((request, response) => {
  request.resume()
  response.end(String(new Game().id))
})
const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false })
server.on('upgrade', (request, socket, head) => {
  const room = rooms.get(Number(request.url.slice(1)))
  if (room === undefined || room.clients.size >= room.rules.PLAYERS) socket.destroy()
  else sockets.handleUpgrade(request, socket, head, (websocket) => room.enter(websocket))
})
server.listen(0, '127.0.0.1', () => console.log(`port ${server.address().port}`))
