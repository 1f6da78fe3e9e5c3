// Keyboard and pointer of the page, in the game's own coordinates. A finger is a pointer like any other.
import type { Frame, Happening } from './frame.ts'
import { Keyboard, scrolls } from './keyboard.ts'

const MAX_HAPPENINGS = 128 // one frame; a 1,000 Hz mouse makes 16

export class Input {
  readonly #keyboard = new Keyboard((key, down) => this.#happened({ t: 'key', key, down }))
  readonly #canvas: HTMLCanvasElement
  readonly #size: () => { width: number; height: number }
  readonly #pointer = { x: 0, y: 0, down: false }
  #tapped = false
  #happenings: Happening[] = []

  /** `size` is that of the game's coordinate system. The canvas takes the keyboard focus at once and whenever it is touched. */
  constructor(canvas: HTMLCanvasElement, size: () => { width: number; height: number }) {
    this.#canvas = canvas
    this.#size = size
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
      if (!event.isPrimary) return
      canvas.setPointerCapture(event.pointerId) // a stroke that leaves the picture still ends
      canvas.focus({ preventScroll: true })
      this.#tapped = true
      this.#pointed('down', event, true)
    })
    canvas.addEventListener('pointermove', (event) => {
      if (!event.isPrimary) return
      const all = event.getCoalescedEvents()
      for (const each of all.length > 0 ? all : [event]) this.#pointed('move', each, this.#pointer.down)
    })
    for (const end of ['pointerup', 'pointercancel'] as const)
      canvas.addEventListener(end, (event) => {
        if (event.isPrimary) this.#pointed('up', event, false)
      })
    canvas.addEventListener('contextmenu', (event) => event.preventDefault())
  }

  /** What happened since the last call, and how things are now. */
  take(): Omit<Frame, 'n'> {
    const happenings = this.#happenings
    this.#happenings = []
    const pointer = { ...this.#pointer, down: this.#pointer.down || this.#tapped }
    this.#tapped = false
    return { happenings, keys: this.#keyboard.take(), pointer }
  }

  #pointed(kind: 'down' | 'move' | 'up', event: PointerEvent, down: boolean): void {
    const box = this.#canvas.getBoundingClientRect()
    const { width, height } = this.#size()
    const x = ((event.clientX - box.left) / box.width) * width
    const y = ((event.clientY - box.top) / box.height) * height
    Object.assign(this.#pointer, { x, y, down })
    this.#happened({ t: 'pointer', kind, x, y })
  }

  #happened(happening: Happening): void {
    if (this.#happenings.length < MAX_HAPPENINGS) this.#happenings.push(happening)
  }
}
