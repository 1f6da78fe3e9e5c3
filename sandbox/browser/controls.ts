// A stick and buttons on the screen, for players without a keyboard. They hold down keys under the names that games know.
import type { Command } from './frame.ts'

const DEAD = 0.3 // of the stick's reach: a resting thumb goes nowhere
const TOUCH = '(pointer: coarse)'

export class Controls {
  readonly #place: HTMLElement
  readonly #held = new Map<object, string[]>() // keys by finger or stick
  #taken = new Set<string>()
  readonly #changed: (key: string, down: boolean) => void

  /** `changed` is called once for each key that goes down or up. */
  constructor(place: HTMLElement, changed: (key: string, down: boolean) => void) {
    this.#place = place
    this.#changed = changed
  }

  get keys(): string[] {
    return [...new Set([...this.#held.values()].flat())]
  }

  clear(): void {
    this.#place.replaceChildren()
    this.#place.hidden = true
    this.#held.clear()
    this.#tell()
  }

  show({ stick, buttons, always }: Extract<Command, { c: 'controls' }>): void {
    this.clear()
    if (!always && !matchMedia(TOUCH).matches) return
    if (stick) this.#place.append(this.#stick())
    const right = document.createElement('div')
    right.className = 'buttons'
    for (let i = 0; i < buttons.length; i++) right.append(this.#button(buttons[i]!))
    this.#place.append(right)
    this.#place.hidden = false
  }

  #button({ label, key }: { label: string; key: string }): HTMLElement {
    const button = document.createElement('div')
    button.className = 'button'
    button.textContent = label
    button.onpointerdown = (event) => {
      event.preventDefault()
      button.setPointerCapture(event.pointerId)
      button.classList.add('held')
      this.#hold(button, [key])
    }
    button.onpointerup = button.onpointercancel = () => {
      button.classList.remove('held')
      this.#hold(button, [])
    }
    return button
  }

  #stick(): HTMLElement {
    const stick = document.createElement('div')
    const knob = document.createElement('div')
    stick.className = 'stick'
    stick.append(knob)
    const follow = (event: PointerEvent) => {
      const box = stick.getBoundingClientRect()
      const reach = box.width / 2
      const x = (event.clientX - box.left - reach) / reach
      const y = (event.clientY - box.top - reach) / reach
      const far = Math.max(1, Math.hypot(x, y))
      knob.style.translate = `${(x / far) * 50}% ${(y / far) * 50}%`
      const keys: string[] = []
      if (x < -DEAD) keys.push('left')
      if (x > DEAD) keys.push('right')
      if (y < -DEAD) keys.push('up')
      if (y > DEAD) keys.push('down')
      this.#hold(stick, keys)
    }
    stick.onpointerdown = (event) => {
      event.preventDefault()
      stick.setPointerCapture(event.pointerId)
      follow(event)
    }
    stick.onpointermove = (event) => {
      if (stick.hasPointerCapture(event.pointerId)) follow(event)
    }
    stick.onpointerup = stick.onpointercancel = () => {
      knob.style.translate = ''
      this.#hold(stick, [])
    }
    return stick
  }

  #hold(by: object, keys: string[]): void {
    this.#held.set(by, keys)
    this.#tell()
  }

  #tell(): void {
    const now = new Set(this.keys)
    const before = this.#taken
    this.#taken = now
    for (const key of now) if (!before.has(key)) this.#changed(key, true)
    for (const key of before) if (!now.has(key)) this.#changed(key, false)
  }
}
