// Rooms of Colyseus that tick at 20 Hz, in one of which something goes wrong: node colyseus-server.mjs PEERS plain|caught. Prints its port.
// caught: the room has Colyseus' own handler for what its methods throw.
import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'

const [peers, setting] = process.argv.slice(2)
const peer = createRequire(pathToFileURL(`${peers}package.json`))
const { Room, Server } = peer('@colyseus/core')
const { WebSocketTransport } = peer('@colyseus/ws-transport')

class Bench extends Room {
  onCreate() {
    this.frame = 0
    this.attack = ''
    this.onMessage('attack', (_client, how) => {
      this.attack = how
    })
    this.onMessage('input', () => {})
    this.setSimulationInterval(() => {
      this.broadcast('tick', ++this.frame)
      const how = this.attack
      this.attack = ''
      if (how === 'throw') throw new Error('thrown by the attack')
      if (how === 'loop') for (const endMs = Date.now() + 3_000; Date.now() < endMs; );
    }, 50)
  }
}
class Caught extends Bench {
  onUncaughtException() {}
}

const transport = new WebSocketTransport({})
const server = new Server({ greet: false, gracefullyShutdown: false, transport })
server.define('bench', setting === 'caught' ? Caught : Bench)
await server.listen(0, '127.0.0.1')
console.log(`port ${transport.server.address().port}`)
