// sandlot-host under a supervisor: takes builds and rooms from it, and reports what happens in them.
import type { Budgets } from '@sandlot/shared/budgets.ts'
import type { Json } from '@sandlot/shared/protocol/messages.ts'
import type { Build } from './build.ts'
import { readBuild } from './build.ts'
import { now } from './game.ts'
import { Host } from './host.ts'
import type { ToHost } from './link.ts'
import type { Listen } from './options.ts'
import type { Admit } from './socket.ts'
import { Uplink } from './uplink.ts'
import { Writes } from './writes.ts'

const BEAT_MS = 500

interface HostedOptions {
  supervisor: string
  listen: Listen
  site: string | undefined
  /** Makes the check of tickets for the game of this name. */
  admitFor: ((game: string) => Admit) | undefined
  /** Called when the supervisor says so or is gone. */
  onStop: () => void
}

/** Connects and waits for orders; the returned function stops. Rejects when the supervisor cannot be reached. */
export async function runHosted(options: HostedOptions): Promise<() => Promise<void>> {
  let admit: Admit | undefined
  let beatMs = 0
  const host = new Host({
    listen: options.listen,
    site: options.site,
    admit: options.admitFor && (async (ticket) => admit?.(ticket)),
    events: {
      beat() {
        if (now() < beatMs || !host.game) return
        beatMs = now() + BEAT_MS
        uplink.send({ t: 'beat', rooms: host.game.roomCount, players: host.game.playerCount })
      },
      seat: (room, player, event) => uplink.send({ t: 'seat', room, player, event }),
      ended: (room, reason, result) => uplink.send({ t: 'ended', room, reason, result }),
      log: (room, text) => uplink.log(room, text),
      problem: (problem) => uplink.send({ t: 'problem', problem }),
      store: (name, value) => writes.set(name, value, now()),
      usage(usage) {
        writes.flush(now())
        const { lagged, closed, refused } = host.traffic()
        uplink.send({ t: 'usage', usage, turnedAway: { lagged, closed, refused } })
      },
    },
  })

  async function start(game: string, build: Build, store: [string, Json][], budgets: Budgets): Promise<void> {
    admit = options.admitFor?.(game)
    host.load(build, store, budgets)
    await host.listen()
    uplink.send({ t: 'ready', build: build.id })
  }

  function obey(message: ToHost): void {
    switch (message.t) {
      case 'start': {
        const build = readBuild(message.dir)
        const store = message.store.map(({ name, value }): [string, Json] => [name, value])
        start(message.game, build, store, message.budgets).catch((error) => {
          process.stderr.write(`sandlot-host: ${error.message}\n`)
          process.exit(1) // the supervisor reads the line and starts another
        })
        return
      }
      case 'load': {
        const build = readBuild(message.dir)
        uplink.send({ t: 'loaded', build: build.id, problem: host.load(build) })
        return
      }
      case 'ensure': {
        const { id, room } = message
        const ensured = host.game?.ensure(room) ?? { outcome: 'failed' as const, problem: null }
        uplink.send({
          t: 'ensured',
          id,
          outcome: ensured.outcome,
          problem: 'problem' in ensured ? ensured.problem : null,
        })
        return
      }
      case 'close':
        host.game?.room(message.room)?.end('stopped', null)
        return
      case 'stop':
        options.onStop()
    }
  }

  const writes = new Writes((name, value) => uplink.send({ t: 'store', name, value }))
  const uplink = await Uplink.open(options.supervisor, obey, options.onStop)
  return async () => {
    await host.stop()
    writes.end()
    await uplink.end()
  }
}
