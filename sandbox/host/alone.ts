// sandlot-host on a folder: builds it, serves it, and brings every save to the running rooms. News goes to the terminal.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { Budgets } from '@sandlot/shared/budgets.ts'
import type { CodeProblem } from '@sandlot/shared/protocol/messages.ts'
import { visibleLine } from '@sandlot/shared/visible.ts'
import { Builder } from '../build/builder.ts'
import { watchFolder } from '../build/watch.ts'
import { readBuild } from './build.ts'
import { Host } from './host.ts'
import { Meters } from './meters.ts'
import type { Listen } from './options.ts'
import { describe } from './problem.ts'

interface AloneOptions {
  folder: string
  listen: Listen
  site: string | undefined
  budgets: Budgets
}

/** Starts serving; the returned function stops. Rejects when the door cannot be opened or the folder not be watched. */
export async function runAlone({ folder, listen, site, budgets }: AloneOptions): Promise<() => Promise<void>> {
  const source = resolve(folder)
  const say = (text: string) => process.stdout.write(`${visibleLine(text)}\n`) // what players and games say must not steer the terminal
  const tell = (problem: CodeProblem) => say(`Problem: ${describe(problem)}`)
  const meters = new Meters(say)
  const host = new Host({
    listen,
    site,
    admit: undefined,
    events: {
      beat() {},
      seat: (room, player, event) => say(`${room}: ${player} ${event}`),
      ended: (room, reason) => say(`${room}: ended (${reason})`),
      log: (room, text) => say(room === null ? text : `${room}: ${text}`),
      problem() {}, // it is in the log too
      store() {}, // kept by the running game only; a supervisor keeps it for good
      usage: (usage) => meters.show(usage, host.traffic()),
    },
  })

  const address = await host.listen()
  const out = mkdtempSync(join(tmpdir(), 'sandlot-builds-'))
  const builder = new Builder({ out })
  let building: Promise<void> | undefined
  let again = false
  /** Builds the folder as it is now; changes meanwhile lead to one more build. */
  function update(): Promise<void> {
    again = true
    building ??= (async () => {
      while (again) {
        again = false
        const result = await builder.build(source, { budgets })
        const problem = result.ok ? host.load(readBuild(result.dir), [], budgets) : result.problem
        if (problem) tell(problem)
        else if (result.ok) say(`Build ${result.build.slice(0, 8)} is live`)
      }
      building = undefined
    })()
    return building
  }

  await update()
  const watch = await watchFolder(source, () => void update())
  const where = typeof address === 'string' ? `unix:${address}` : `http://localhost:${address.port}/`
  say(`Serving ${folder} at ${where}`)
  if (!host.game) say('Waiting for the problem above to be fixed: save the file and the game starts')
  return async () => {
    await watch.close()
    await builder[Symbol.asyncDispose]()
    await host.stop()
    rmSync(out, { recursive: true, force: true })
  }
}
