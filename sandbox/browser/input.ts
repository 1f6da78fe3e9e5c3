// What the player does with keyboard, mouse, fingers and controllers, in the game's own coordinates.
import { Controls } from './controls.ts'
import type { Command, Frame, Happening, PadState, TouchSpot } from './frame.ts'
import { Keyboard, scrolls } from './keyboard.ts'
import type { Place } from './stage/view.ts'

const MAX_HAPPENINGS = 128 // one frame; a 1,000 Hz mouse makes 16
const MAX_TOUCHES = 10
const MAX_PADS = 4
const MAX_AXES = 8
const MAX_PAD_BUTTONS = 20

/** What the input needs of the picture. */
export interface Sight {
  readonly canvas: HTMLCanvasElement
  readonly size: { readonly width: number; readonly height: number }
  toWorld(place: Place): Place
}

export class Input {
  readonly #sight: Sight
  readonly #keyboard = new Keyboard((key, down) => this.#happened({ t: 'key', key, down }))
  readonly #controls: Controls
  /** Keys that the website's page holds down, for a player whose focus is there. */
  #foreign = new Set<string>()
  readonly #touches = new Map<number, Place>()
  #pointer: Place & { down: boolean } = { x: 0, y: 0, down: false }
  #tapped = false
  #happenings: Happening[] = []

  /** The canvas takes the keyboard focus at once and whenever it is touched. Buttons on the screen go into `controls`. */
  constructor(sight: Sight, controls: HTMLElement) {
    this.#sight = sight
    this.#controls = new Controls(controls, (key, down) => this.#happened({ t: 'key', key, down }))
    const { canvas } = sight
    canvas.tabIndex = 0
    canvas.focus({ preventScroll: true })
    addEventListener('keydown', (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.target instanceof HTMLButtonElement) return
      if (scrolls(event)) event.preventDefault()
      this.#keyboard.press(event)
    })
    addEventListener('keyup', (event) => this.#keyboard.release(event))
    addEventListener('blur', () => this.#keyboard.releaseAll())
    canvas.addEventListener('pointerdown', (event) => {
      canvas.setPointerCapture(event.pointerId) // a stroke that leaves the picture still ends
      canvas.focus({ preventScroll: true })
      if (this.#touches.size >= MAX_TOUCHES) return
      if (event.isPrimary) this.#tapped = true
      this.#touches.set(event.pointerId, this.#placeOf(event))
      this.#pointed('down', event, true)
    })
    canvas.addEventListener('pointermove', (event) => {
      if (!event.isPrimary && !this.#touches.has(event.pointerId)) return
      const all = event.getCoalescedEvents()
      for (const each of all.length > 0 ? all : [event]) this.#pointed('move', each, this.#pointer.down)
      if (this.#touches.has(event.pointerId)) this.#touches.set(event.pointerId, this.#placeOf(event))
    })
    for (const end of ['pointerup', 'pointercancel'] as const)
      canvas.addEventListener(end, (event) => {
        if (this.#touches.delete(event.pointerId)) this.#pointed('up', event, false)
      })
    canvas.addEventListener('contextmenu', (event) => event.preventDefault())
  }

  /** What happened since the last call, and how things are now. */
  take(): Pick<Frame, 'happenings' | 'keys' | 'pointer' | 'touches' | 'gamepads'> {
    const happenings = this.#happenings
    this.#happenings = []
    const pointer = { ...this.#spot(this.#pointer), down: this.#pointer.down || this.#tapped }
    this.#tapped = false
    const touches = [...this.#touches].map(([id, place]): TouchSpot => ({ id, ...this.#spot(place) }))
    const keys = [...new Set([...this.#keyboard.take(), ...this.#controls.keys, ...this.#foreign])]
    return { happenings, keys, pointer, touches, gamepads: gamepads() }
  }

  /** Exactly these keys are held down by the website's page. */
  holdForeign(keys: string[]): void {
    const before = this.#foreign
    this.#foreign = new Set(keys)
    for (const key of this.#foreign) if (!before.has(key)) this.#happened({ t: 'key', key, down: true })
    for (const key of before) if (!this.#foreign.has(key)) this.#happened({ t: 'key', key, down: false })
  }

  showControls(command: Extract<Command, { c: 'controls' }>): void {
    this.#controls.show(command)
  }
  clearControls(): void {
    this.#controls.clear()
  }

  #spot({ x, y }: Place) {
    const world = this.#sight.toWorld({ x, y })
    return { x, y, worldX: world.x, worldY: world.y }
  }

  #placeOf(event: PointerEvent): Place {
    const box = this.#sight.canvas.getBoundingClientRect()
    const { width, height } = this.#sight.size
    return {
      x: ((event.clientX - box.left) / box.width) * width,
      y: ((event.clientY - box.top) / box.height) * height,
    }
  }

  #pointed(kind: 'down' | 'move' | 'up', event: PointerEvent, down: boolean): void {
    const place = this.#placeOf(event)
    if (event.isPrimary) this.#pointer = { ...place, down }
    this.#happened({ t: 'pointer', kind, touch: { id: event.pointerId, ...this.#spot(place) } })
  }

  #happened(happening: Happening): void {
    if (this.#happenings.length < MAX_HAPPENINGS) this.#happenings.push(happening)
  }
}

function gamepads(): PadState[] {
  if (!navigator.getGamepads || !document.hasFocus()) return []
  let pads: (Gamepad | null)[]
  try {
    pads = navigator.getGamepads()
  } catch {
    return [] // Firefox throws where a page around this one does not allow it
  }
  const found: PadState[] = []
  for (const pad of pads)
    if (pad?.connected && found.length < MAX_PADS)
      found.push({
        axes: pad.axes.slice(0, MAX_AXES),
        buttons: pad.buttons.slice(0, MAX_PAD_BUTTONS).map(({ value }) => value),
      })
  return found
}
