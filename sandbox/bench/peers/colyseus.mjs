// The Colyseus peer, over its ws transport: node colyseus.mjs GAME default|tuned. Prints the port it serves on.
//
// default  a timer ticks the room, another one sends patches every 50 ms (Colyseus' own default)
// tuned    no timer for patches: they are sent at the end of each tick (or action, in a game without ticks)
// In every target inputs wait for the tick, as is usual: a state that carries an input also shows what came of it.
import { Room, Server } from '@colyseus/core'
import { StateView, schema, t } from '@colyseus/schema'
import { WebSocketTransport } from '@colyseus/ws-transport'
import * as arena from '../games/arena/rules.js'
import * as board from '../games/board/rules.js'
import * as crowd from '../games/crowd/rules.js'
import * as echo from '../games/echo/rules.js'

const [game, setting] = process.argv.slice(2)
const tuned = setting === 'tuned'
const NEVER_MS = 2 ** 31 - 1 // null would start a timer of 60 Hz in a room that does not tick

/** A schema class with the fields of a table of the rules. */
const row = (fields, name) =>
  schema(Object.fromEntries(Object.entries(fields).map(([key, type]) => [key, t[type]()])), name)
const make = (Row, values) => Object.assign(new Row(), values)

/** What all rooms do alike. `act` below runs a message at once and `tick` steps; both send their patch when tuned. */
class BenchRoom extends Room {
  stopped = false
  inputs = []

  begin(rules, tick) {
    this.maxClients = rules.PLAYERS
    this.frame = 0
    this.onMessage('stop', () => {
      this.stopped = true
    })
    this.onMessage('report', (client) => client.send('report', this.report(client)))
    this.onMessage('input', (client, data) => this.inputs.push({ id: client.sessionId, data }))
    if (rules.TICK_RATE > 0) {
      this.setTimestep(() => {
        this.frame++
        if (!this.stopped) tick(this.inputs)
        this.inputs.length = 0
        if (tuned) this.broadcastPatch()
      }, 1000 / rules.TICK_RATE)
    }
    if (tuned) this.patchRate = rules.TICK_RATE > 0 ? null : NEVER_MS // only now: before the tick it would start another timer
  }
}

const ArenaPlayer = row(arena.TABLES.players, 'ArenaPlayer')
const Bullet = row(arena.TABLES.bullets, 'Bullet')
const ArenaState = schema({ players: t.map(ArenaPlayer), bullets: t.array(Bullet) }, 'ArenaState')

class Arena extends BenchRoom {
  onCreate() {
    this.state = new ArenaState()
    for (let i = 0; i < arena.BULLETS; i++) this.state.bullets.push(make(Bullet, arena.newBullet(i)))
    this.begin(arena, (inputs) => {
      const { players, bullets } = this.state
      for (const { id, data } of inputs) if (players.has(id)) arena.steer(players.get(id), data)
      for (const player of players.values()) arena.movePlayer(player, this.frame)
      for (let i = 0; i < arena.BULLETS; i++) arena.moveBullet(bullets[i], i, this.frame)
    })
  }
  onJoin(client) {
    this.state.players.set(client.sessionId, make(ArenaPlayer, arena.newPlayer(this.state.players.size)))
  }
  onLeave(client) {
    this.state.players.delete(client.sessionId)
  }
  report() {
    return this.state.toJSON()
  }
}

const Entity = row(crowd.TABLES.entities, 'Entity')
const CrowdState = schema({ entities: t.map(Entity).view() }, 'CrowdState')

class Crowd extends BenchRoom {
  onCreate() {
    this.state = new CrowdState()
    this.joined = 0
    for (let i = 0; i < crowd.WANDERERS; i++) this.state.entities.set(`w${i}`, make(Entity, crowd.newEntity(i, 0)))
    this.begin(crowd, (inputs) => {
      const { entities } = this.state
      for (const { id, data } of inputs) if (entities.has(id)) crowd.steer(entities.get(id), data)
      let i = 0
      for (const entity of entities.values()) crowd.moveEntity(entity, i++, this.frame)
      for (const client of this.clients) this.look(client)
    })
  }
  /** Brings the client's view to what it sees now. */
  look(client) {
    const { view, userData: seen, sessionId } = client
    const { entities } = this.state
    const me = entities.get(sessionId)
    for (const [id, entity] of entities.entries()) {
      if (crowd.sees(me, entity)) {
        if (!seen.has(id)) {
          seen.add(id)
          view.add(entity)
        }
      } else if (seen.delete(id)) view.remove(entity)
    }
  }
  onJoin(client) {
    client.view = new StateView()
    client.userData = new Set()
    this.state.entities.set(client.sessionId, make(Entity, crowd.newEntity(crowd.WANDERERS + this.joined++, 1)))
    this.look(client)
  }
  onLeave(client) {
    this.state.entities.delete(client.sessionId)
  }
  report({ sessionId }) {
    const me = this.state.entities.get(sessionId)
    const seen = [...this.state.entities.entries()].filter(([, entity]) => crowd.sees(me, entity))
    return { entities: Object.fromEntries(seen.map(([id, entity]) => [id, entity.toJSON()])) }
  }
}

class Echo extends BenchRoom {
  onCreate() {
    const waiting = []
    this.onMessage('echo', (client, text) => waiting.push(() => client.send('msg', text)))
    this.onMessage('shout', (_client, text) => waiting.push(() => this.broadcast('msg', text)))
    this.begin(echo, () => {
      for (const say of waiting.splice(0)) say()
    })
  }
}

const Board = row(board.TABLES.board, 'Board')
const BoardState = schema({ board: t.ref(Board) }, 'BoardState')

class Turns extends BenchRoom {
  onCreate() {
    this.state = make(BoardState, { board: make(Board, board.newBoard()) })
    this.onMessage('mark', (_client, data) => {
      board.mark(this.state.board, data)
      if (tuned) this.broadcastPatch()
    })
    this.begin(board)
  }
  report() {
    return this.state.toJSON()
  }
}

const transport = new WebSocketTransport({})
const server = new Server({ greet: false, gracefullyShutdown: false, transport })
server.define('bench', { arena: Arena, crowd: Crowd, echo: Echo, board: Turns }[game])
await server.listen(0, '127.0.0.1')
console.log(`port ${transport.server.address().port}`)
