// How fast things begin: a game host, a room, a player, a save.
//
// spawn   process start to its first room, as a supervisor sees it (host with --supervisor, build already made)
// room    a further room in that running host
// join    a player's socket opened to its first full state (with a signed ticket)
// save    file written to the new build and state at a connected client (host alone on a folder)

import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import { DEFAULT_BUDGETS } from '@sandlot/shared/budgets.ts'
import { newPlayerId, newRoomId } from '@sandlot/shared/random-ids.ts'
import { newTicketKeys, readSigningKey, signTicket } from '@sandlot/shared/ticket.ts'
import { Builder } from '../build/builder.ts'
import { jsonLines } from '../host/lines.ts'
import type { FromHost, ToHost } from '../host/link.ts'
import { temporaryFolder, writeFiles } from '../testing/folder.ts'
import { spawnHost, startHost, TestPlayer } from '../testing/host.ts'
import { type Figure, figure } from './figures.ts'

const EXAMPLE = new URL('../examples/arena/', import.meta.url).pathname
const GAME = 'arena'

/** Runs every measurement `runs` times. */
export async function start(runs: number): Promise<Record<string, Figure>> {
  const folder = temporaryFolder()
  const builder = new Builder({ out: join(folder.path, 'builds') })
  const built = await builder.build(EXAMPLE)
  await builder[Symbol.asyncDispose]()
  if (!built.ok) throw new Error(`the example does not build: ${built.problem.message}`)
  const keys = await newTicketKeys()
  writeFileSync(join(folder.path, 'key.pem'), keys.publicPem)
  const key = await readSigningKey(keys.privatePem)

  const spawn: number[] = []
  const room: number[] = []
  const joined: number[] = []
  for (let run = 0; run <= runs; run++) {
    const supervisor = await supervise(folder.path, built.dir)
    if (run > 0) spawn.push(supervisor.spawnMs) // the first run warms the disk cache
    for (let i = 0; i < 5; i++) room.push(await supervisor.ensure(newRoomId()))
    const seat = { game: GAME, room: supervisor.room, name: 'Player' }
    for (let i = 0; i < 5; i++) {
      const ticket = await signTicket(key, { ...seat, player: newPlayerId() })
      const from = performance.now()
      const player = await TestPlayer.join(`ws+unix:${supervisor.listen}:`, { ticket })
      if (player.closed) throw new Error(`turned away: ${player.closed.code} ${player.closed.reason}`)
      joined.push(performance.now() - from)
      await player[Symbol.asyncDispose]()
    }
    await supervisor.stop()
  }
  const figures = {
    spawn: figure(spawn, 150),
    room: figure(room, 5),
    join: figure(joined, 20),
    save: figure(await saves(runs), 300),
  }
  folder[Symbol.dispose]()
  return figures
}

/** Plays the supervisor for one host: starts it with `dir` and waits for its first room. */
async function supervise(folder: string, dir: string) {
  const listen = join(folder, 'host.sock')
  const path = join(folder, 'link.sock')
  const heard = new EventTarget()
  let link: Socket | undefined
  const say = (message: ToHost) => link!.write(`${JSON.stringify(message)}\n`)
  const hear = (type: FromHost['t']) => once(heard, type)
  const server = createServer((socket) => {
    link = socket
    socket.on('error', () => {})
    socket.setEncoding('utf8').on(
      'data',
      jsonLines(
        (message) => heard.dispatchEvent(new Event((message as FromHost).t)),
        (error) => {
          throw error
        },
      ),
    )
    say({ t: 'start', game: GAME, dir, store: [], budgets: DEFAULT_BUDGETS })
  }).listen(path)
  await once(server, 'listening')
  let asked = 0
  async function ensure(id: string): Promise<number> {
    const from = performance.now()
    const answer = hear('ensured')
    say({ t: 'ensure', id: asked++, room: id })
    await answer
    return performance.now() - from
  }
  const room = newRoomId()
  const from = performance.now()
  const host = spawnHost(
    '--supervisor',
    `unix:${path}`,
    '--listen',
    `unix:${listen}`,
    '--ticket-key',
    join(folder, 'key.pem'),
  )
  await hear('ready')
  await ensure(room)
  const spawnMs = performance.now() - from
  async function stop() {
    await host[Symbol.asyncDispose]()
    server.close()
  }
  return { spawnMs, ensure, room, listen, stop }
}

async function saves(runs: number): Promise<number[]> {
  const folder = temporaryFolder()
  writeFiles(folder.path, {
    'server.js': 'export const setup = () => ({ n: 0 })\nexport const tick = (state) => { state.n++ }\n',
    'client.js': 'gameAPI.onState(() => {})\n',
  })
  const file = join(folder.path, 'server.js')
  const source = readFileSync(file, 'utf8')
  const host = await startHost(folder.path)
  const player = await TestPlayer.join(host.url)
  const samples: number[] = []
  for (let run = 0; run < runs; run++) {
    const fulls = player.all('full').length
    const from = performance.now()
    writeFileSync(file, `${source}// ${run}\n`)
    await player.until(() => player.all('full').length > fulls, 'the save is live')
    samples.push(performance.now() - from)
    await new Promise((resolve) => setTimeout(resolve, 500)) // a person's next save; the spare build process is ready again
  }
  await player[Symbol.asyncDispose]()
  await host[Symbol.asyncDispose]()
  folder[Symbol.dispose]()
  return samples
}
