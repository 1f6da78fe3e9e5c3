// A game with its door for players in this process, so that a test can choose how patient the door is and see what it counts.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Budgets, DEFAULT_BUDGETS } from '@sandlot/shared/budgets.ts'
import type { SocketLimits } from '../host/connection.ts'
import { Game } from '../host/game.ts'
import { Sockets } from '../host/socket.ts'
import { Usages } from '../host/usage.ts'
import { buildOf, type Files } from './folder.ts'
import { until } from './until.ts'

/** Rooms, websockets and a TCP port of 127.0.0.1; all gone when disposed. */
export async function openDoor(
  files: Files,
  limits: Partial<SocketLimits> = {},
  budgets: Partial<Budgets> = {},
  behindProxy = false,
) {
  const sockets = new Sockets({ game: () => game, behindProxy, admit: undefined, limits })
  const usages = new Usages({ ...DEFAULT_BUDGETS, ...budgets })
  sockets.measure(usages)
  const nothing = () => {}
  const game: Game = new Game(
    buildOf(files),
    new Map(),
    {
      send: (_room, player, text) => sockets.send(player, text),
      close: (_room, player, reason) => sockets.close(player, reason),
      seat: (_room, player, event) => {
        if (event === 'left') sockets.forget(player)
      },
      log: nothing,
      problem: nothing,
      store: nothing,
      ended: nothing,
      beat: nothing,
      usage: nothing,
    },
    usages,
  )
  const server = createServer()
  sockets.attach(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const connections = () =>
    new Promise<number>((resolve, reject) =>
      server.getConnections((error, count) => (error ? reject(error) : resolve(count))),
    )
  return {
    url: `http://127.0.0.1:${port}/`,
    port,
    sockets,
    usages,
    /** File descriptors that clients hold open here. */
    connections,
    async [Symbol.asyncDispose]() {
      sockets.stop()
      game.stop()
      const closed = new Promise((resolve) => server.close(resolve))
      let left: number | undefined
      const look = async () => {
        left = await connections()
      }
      await until(() => {
        void look()
        return left === 0
      }, 'no socket is left open')
      await closed
    },
  }
}
