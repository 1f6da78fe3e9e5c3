// What the page says above the game: a note at the top, a status line below, and the error card. Text only, never markup.
import type { CodeExcerpt, CodeProblem, RuntimeStatus } from '@sandlot/shared/protocol/messages.ts'

const find = <T extends HTMLElement>(selector: string): T => {
  const element = document.querySelector<T>(selector)
  if (!element) throw new Error(`index.html has no ${selector}`)
  return element
}
const SIDES = { client: 'Error in the game’s client code', server: 'Error in the game’s server code' }

export class Notices {
  readonly #note = find('#note')
  readonly #noteText = find('#note span')
  readonly #noteButton = find<HTMLButtonElement>('#note button')
  readonly #status = find('#status')
  readonly #problem = find('#problem')
  #shown = ''
  #closed = '' // an error that comes back every frame must not come back to a player who has closed it

  /** `goOn` and `reload` are called when the player presses that button of the error card. */
  constructor({ goOn, reload }: { goOn(): void; reload(): void }) {
    find('#problem .go-on').onclick = () => {
      this.#closed = this.#shown
      this.#problem.hidden = true
      goOn()
    }
    find('#problem .reload').onclick = reload
  }

  /** A line over the game; `wait` adds a turning circle, `button` something to press. */
  note(
    text: string,
    { wait = false, button }: { wait?: boolean; button?: { label: string; press(): void } } = {},
  ): void {
    this.#note.hidden = false
    this.#note.classList.toggle('wait', wait)
    this.#noteText.textContent = text
    this.#noteButton.hidden = button === undefined
    this.#noteButton.textContent = button?.label ?? ''
    this.#noteButton.onclick = button ? () => button.press() : null
  }

  clearNote(): void {
    this.#note.hidden = true
  }

  /** The small line that a page by itself shows. */
  status(status: RuntimeStatus, text: string): void {
    this.#status.hidden = false
    this.#status.className = status
    this.#status.textContent = text
  }

  problem(
    side: 'client' | 'server',
    { message, file, line, column, stack }: CodeProblem,
    count: number,
    code: CodeExcerpt | undefined,
  ): void {
    const known = this.#shown === `${file}:${line} ${message}` && !this.#problem.hidden
    this.#shown = `${file}:${line} ${message}`
    if (this.#shown === this.#closed) return
    const part = (name: string) => find(`#problem ${name}`)
    this.#problem.hidden = false
    part('.side').textContent = SIDES[side]
    part('.place').textContent = file === undefined ? '' : [file, line, column].filter((x) => x !== undefined).join(':')
    part('.count').hidden = count < 2
    part('.count').textContent = `×${count}`
    part('.message').textContent = message
    if (!known || code) this.#excerpt(code, line)
    // Browsers begin the stack with the message, which is there already.
    const trace = (stack ?? '').replace(/^.*?\n(?=\s+at )/s, '')
    part('.stack').hidden = !/^\s*at |@/m.test(trace)
    part('.stack').textContent = trace.replace(/^ +/gm, '')
  }

  #excerpt(code: CodeExcerpt | undefined, line: number | undefined): void {
    const place = find('#problem .code')
    place.hidden = code === undefined
    const rows = (code?.lines ?? []).map((text, i) => {
      const row = document.createElement('div')
      const number = code!.from + i
      row.textContent = `${String(number).padStart(4)}  ${text}`
      row.className = number === line ? 'here' : ''
      return row
    })
    place.replaceChildren(...rows)
  }

  clearProblem(): void {
    this.#closed = ''
    this.#problem.hidden = true
  }
}
