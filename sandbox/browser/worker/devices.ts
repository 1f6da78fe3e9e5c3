// What the player does: keys, mouse, fingers, controllers, as the creator's code reads them. The same objects for the whole game, so that
// `const { keys } = gameAPI` stays true.
import type { Frame, Spot } from '../frame.ts'
import { freeze, record } from './safe.ts'

const KEYS = [
  ...'left right up down space enter shift escape backspace'.split(' '),
  ...'abcdefghijklmnopqrstuvwxyz0123456789',
]

export class Devices {
  readonly keys: Record<string, 0 | 1> = record()
  readonly pointer = { x: 0, y: 0, worldX: 0, worldY: 0, down: false }
  #touches: readonly TouchPoint[] = []
  #gamepads: readonly Pad[] = []

  constructor() {
    for (const key of KEYS) this.keys[key] = 0
  }

  get touches(): readonly TouchPoint[] {
    return this.#touches
  }
  get gamepads(): readonly Pad[] {
    return this.#gamepads
  }

  take({ keys, pointer, touches, gamepads }: Frame): void {
    for (let i = 0; i < KEYS.length; i++) this.keys[KEYS[i]!] = 0
    for (let i = 0; i < keys.length; i++) this.keys[keys[i]!] = 1
    place(this.pointer, pointer)
    this.pointer.down = pointer.down
    for (let i = 0; i < touches.length; i++) freeze(touches[i])
    this.#touches = freeze(touches)
    this.#gamepads = freeze(gamepads)
  }
}

function place(target: Spot, { x, y, worldX, worldY }: Spot): void {
  target.x = x
  target.y = y
  target.worldX = worldX
  target.worldY = worldY
}
