// Tries what is to become a build: in the process that is this build's alone, since what it runs is a creator's.
import { type Budgets, DEFAULT_BUDGETS } from '@sandlot/shared/budgets.ts'
import { newPlayerId } from '@sandlot/shared/random-ids.ts'
import { assemble } from '../host/build.ts'
import { Engine } from '../host/engine.ts'
import { IsolateError } from '../host/isolate.ts'
import type { Compiled } from './parts.ts'
import { BuildError } from './problem.ts'

const MAX_TRIES = 5 // on a machine that is very busy; a loop without end looks the same there, and its creator waits

/** Starts a room of it with one player and runs a few frames; anew when the machine had no time for it. Throws BuildError. */
export function tryOut(compiled: Compiled, budgets: Budgets = DEFAULT_BUDGETS, tries = 1): void {
  const { manifest, server, client, content } = compiled
  const record = { build: '', manifest, server, client, assets: [] }
  const build = assemble(record, (path) => content.get(`files/${path}`)!)
  let engine: Engine | undefined
  try {
    engine = Engine.start(build, { kind: 'setup', seed: [1, 2, 3, 4], startMs: 0 }, [], budgets)
    const player = { id: newPlayerId(), name: 'Player' }
    const { problem } = engine.frame([{ k: 'join', p: player }], [player.id], [], 0)
    const later = problem ?? engine.trial()
    if (later) throw new BuildError(later)
  } catch (error) {
    if (!(error instanceof IsolateError)) throw error
    if (!error.starved || tries >= MAX_TRIES) throw new BuildError(error.problem)
    tryOut(compiled, budgets, tries + 1)
  } finally {
    engine?.dispose()
  }
}
