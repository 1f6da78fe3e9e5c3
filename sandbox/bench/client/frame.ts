// What one frame costs without drawing: the worker's own part of it, and the page's check of what the worker asks for. In this process, whose
// V8 is much like a browser's; the code is the one that browsers run.

import { CommandCheck } from '../../browser/commands.ts'
import type { Frame, Start } from '../../browser/frame.ts'
import { Game } from '../../browser/worker/api.ts'

const WARM = 300
const FRAMES = 1_000

/** Medians, in microseconds. */
export interface FrameCost {
  sprites: number
  /** The creator's callback, which moves and turns every sprite through gameAPI. */
  callbackUs: number
  /** All else in the worker: happenings, timers, the batch. */
  workerUs: number
  /** The page's check of the batch, field by field. */
  checkUs: number
}

export function frameCosts(): FrameCost[] {
  return [100, 500, 1_000].map(frameCost)
}

function frameCost(sprites: number): FrameCost {
  const me = { id: 'p1', name: 'Player' }
  const start: Start = {
    entry: '',
    me,
    players: [{ ...me, connected: true }],
    host: me.id,
    relay: false,
    state: {},
    seed: 1,
    width: 800,
    height: 600,
    pictures: {},
    sounds: {},
  }
  const game = new Game(start, (error) => {
    throw error
  })
  const { gameAPI } = game
  const ships = Array.from({ length: sprites }, (_, i) => gameAPI.createSprite(`ship${i % 8}`, i % 800, i % 600))
  let callbackMs = 0
  let t = 0
  gameAPI.onUpdate((seconds) => {
    const from = performance.now()
    t += seconds
    for (let i = 0; i < ships.length; i++) {
      ships[i]!.moveTo((i * 37 + t * 60) % 800, (i * 53 + t * 40) % 600)
      ships[i]!.rotation = t
    }
    callbackMs = performance.now() - from
  })
  const check = new CommandCheck()
  for (const command of Array.from(game.screen.take().commands)) check.check(command)
  const spot = { x: 0, y: 0, worldX: 0, worldY: 0 }
  const costs: [callback: number, worker: number, check: number][] = []
  for (let n = 1; n <= WARM + FRAMES; n++) {
    const frame: Frame = {
      n,
      seconds: 1 / 60,
      happenings: [],
      keys: [],
      pointer: { ...spot, down: false },
      touches: [],
      gamepads: [],
      camera: { x: 400, y: 300 },
    }
    const from = performance.now()
    game.run(frame)
    const { commands, transforms } = game.screen.take()
    const made = performance.now()
    for (let i = 0; i < commands.length; i++) check.check(commands[i])
    const dropped = check.transforms(transforms, () => {})
    const checked = performance.now()
    if (dropped > 0 || transforms.length === 0) throw new Error('a batch is not what it should be')
    if (n > WARM) costs.push([callbackMs, made - from - callbackMs, checked - made])
  }
  const median = (part: 0 | 1 | 2) =>
    Math.round(costs.map((each) => each[part] * 1000).sort((a, b) => a - b)[FRAMES / 2]!)
  return { sprites, callbackUs: median(0), workerUs: median(1), checkUs: median(2) }
}
