// What happens in a player's browser: what the guards of the creator's code cost, how fast a save is seen, how many frames are drawn, and what
// of a frame is ours.
import { table } from '../figures.ts'
import { type FrameCost, frameCosts } from './frame.ts'
import { guardOverhead } from './guard.ts'
import { play } from './play.ts'

/** The figures and tables of them. `runs`: rounds of the guards in alternation, and a third of the saves. Takes two minutes with 8. */
export async function client(runs: number): Promise<[text: string, figures: object]> {
  const guard = await guardOverhead(runs)
  const worker = frameCosts()
  const { browser, save, frames } = await play(3 * runs)
  const guards = Object.entries(guard).map(
    ([name, { ratio, unguardedUs, guardedUs }]) => `${name.padEnd(34)}${ratio} (${unguardedUs} -> ${guardedUs} µs)`,
  )
  const drawn = frames.map(
    ({ sprites, fps, frameMs, renderer }) =>
      `${String(sprites).padEnd(8)}${fps} a second (${renderer}), ${frameMs} ms from question to drawn answer`,
  )
  const costs = worker.map(
    ({ sprites, callbackUs, workerUs, checkUs }: FrameCost) =>
      `${String(sprites).padEnd(8)}${callbackUs} µs in the game's callback, ${workerUs} µs in the worker besides, ${checkUs} µs of checks on the page`,
  )
  const text = [
    `Time of guarded code by that of the same without guards\n${guards.join('\n')}`,
    `From a save to the new code in ${browser}\n${table({ ...save })}`,
    `Frames with so many sprites that all move, software rendering, 60 at most\n${drawn.join('\n')}`,
    `One frame without drawing, so many sprites that all move\n${costs.join('\n')}`,
  ]
  return [text.join('\n\n'), { guard, save, frames, worker, browser }]
}
