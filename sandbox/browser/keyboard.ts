// Which keys are down, under the names that games use. Follows the key caps' places for movement and their letters for letters.

const NAMED: Record<string, string[]> = {
  ArrowLeft: ['left'],
  ArrowRight: ['right'],
  ArrowUp: ['up'],
  ArrowDown: ['down'],
  KeyA: ['left'],
  KeyD: ['right'],
  KeyW: ['up'],
  KeyS: ['down'],
  Space: ['space'],
  Enter: ['enter'],
  NumpadEnter: ['enter'],
  ShiftLeft: ['shift'],
  ShiftRight: ['shift'],
  Escape: ['escape'],
  Backspace: ['backspace'],
}
const SCROLLING = new Set(['ArrowLeft', 'ArrowRight', 'ArrowUp', 'ArrowDown', 'Space'])

type KeyPress = Pick<KeyboardEvent, 'code' | 'key'>

function namesOf({ code, key }: KeyPress): string[] {
  const letter = key.toLowerCase()
  const digit = /^(?:Digit|Numpad)([0-9])$/.exec(code)?.[1]
  const named = NAMED[code] ?? []
  if (/^[a-z0-9]$/.test(letter)) return [...named, letter]
  return digit === undefined ? named : [...named, digit]
}

/** True for keys that would scroll the page around the game. */
export const scrolls = ({ code }: KeyPress): boolean => SCROLLING.has(code)

export class Keyboard {
  readonly #changed: (key: string, down: boolean) => void
  readonly #held = new Map<string, string[]>() // names by physical key, so that Shift in between cannot leave a letter down
  readonly #tapped = new Set<string>()

  /** `changed` is called once for each name that goes down or up. */
  constructor(changed: (key: string, down: boolean) => void) {
    this.#changed = changed
  }

  press(event: KeyPress): void {
    if (this.#held.has(event.code)) return // the system repeats held keys
    const before = this.#down()
    const names = namesOf(event)
    this.#held.set(event.code, names)
    for (const name of names) {
      this.#tapped.add(name)
      if (!before.has(name)) this.#changed(name, true)
    }
  }

  release({ code }: Pick<KeyPress, 'code'>): void {
    const names = this.#held.get(code) ?? []
    this.#held.delete(code)
    const after = this.#down()
    for (const name of names) if (!after.has(name)) this.#changed(name, false)
  }

  /** Nobody hears the keys go up after the window has lost the focus. */
  releaseAll(): void {
    for (const code of [...this.#held.keys()]) this.release({ code })
  }

  /** Names that are down, or were for a moment since the last call: a quick tap is seen by the frame after it. */
  take(): string[] {
    const names = [...new Set([...this.#down(), ...this.#tapped])]
    this.#tapped.clear()
    return names
  }

  #down(): Set<string> {
    return new Set([...this.#held.values()].flat())
  }
}
