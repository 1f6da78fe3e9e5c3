/// <reference types="vite/client" />
// The worker with the creator's code, seen from the page: one frame goes in, one checked batch comes out. Everything it says is hostile.
import { Silence } from '@sandlot/shared/silence.ts'
import { CommandCheck } from './commands.ts'
import {
  type Batch,
  type Command,
  type Frame,
  LOADING,
  MAX_COMMANDS,
  MAX_ERRORS,
  type Start,
  type WorkerError,
} from './frame.ts'
import GameWorker from './worker/main.ts?worker&inline'

const MAX_SILENT_MS = 5_000 // longer than any honest frame takes on a slow phone, and shorter than a player waits before leaving
const MAX_STEP_MS = 250 // what lies between two drawn frames counts as this at most: the page itself was away or busy

export interface GameEvents {
  /** The creator's module has run to its end, well or badly; its first commands follow. */
  loaded(): void
  command(command: Command): void
  transform(id: number, glide: boolean, x: number, y: number, rotation: number, scale: number, alpha: number): void
  /** A batch has been passed on completely; the game took `ms` for its frame. */
  settled(ms: number): void
  /** The first frame has been answered: the game runs. */
  playing(): void
  /** The game owed an answer for too long and was stopped. */
  frozen(): void
  error(error: WorkerError): void
  /** Something was not drawn or sent, for this reason. */
  dropped(reason: string): void
  /** The game's copy of the state is not right any more. */
  lost(): void
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null

export class RunningGame {
  readonly #worker = new GameWorker({ name: 'game' })
  readonly #port: MessagePort
  readonly #events: GameEvents
  readonly #check = new CommandCheck()
  /** The number of the frame that is being worked on; undefined when the next one may be sent. */
  #awaited: number | undefined = 0
  readonly #silence = new Silence({ maxMs: MAX_SILENT_MS, maxStepMs: MAX_STEP_MS })
  #over = false
  #askedAtMs = 0
  #plays = false

  constructor(start: Start, events: GameEvents) {
    this.#events = events
    const { port1, port2 } = new MessageChannel()
    this.#port = port1
    port1.onmessage = ({ data }) => this.#answered(data)
    // Only a failure of our own bootstrap gets here; the worker tells errors of the creator's code itself.
    this.#worker.onerror = (event) => {
      event.preventDefault()
      events.error({ message: `The game's worker did not start: ${event.message}`, stack: '' })
    }
    this.#worker.postMessage(start, [port2])
  }

  /** True when the last batch has come and the game runs. */
  get ready(): boolean {
    return this.#awaited === undefined && !this.#over
  }

  /** To be called with the time of each drawn frame while the game is not ready. A worker that owes an answer for too long is stopped. */
  watch(nowMs: number): void {
    if (this.#over || !this.#silence.looked(nowMs)) return
    this.stop()
    this.#events.frozen()
  }

  /** Asks for the next batch; only when `ready`. */
  frame(frame: Omit<Frame, 'n'>): void {
    this.#awaited = unpredictable()
    this.#askedAtMs = performance.now()
    this.#port.postMessage({ ...frame, n: this.#awaited } satisfies Frame)
  }

  /** Ends the worker at once, whatever it does. Nothing of it is heard any more. */
  stop(): void {
    this.#over = true
    this.#port.close()
    this.#worker.terminate()
  }

  #answered(data: unknown): void {
    if (this.#over) return
    this.#silence.heard(performance.now())
    if (data === LOADING) return
    if (!isObject(data) || data.n !== this.#awaited) {
      this.#events.dropped('an answer nobody asked for')
      return
    }
    const batch = data as Partial<Batch>
    const started = this.#awaited === 0
    if (started) this.#events.loaded()
    this.#awaited = undefined
    if (batch.failed === true) this.#over = true
    this.#errors(batch.errors)
    this.#commands(batch.commands)
    const dropped = this.#check.transforms(batch.transforms, this.#events.transform)
    if (dropped > 0) this.#events.dropped('a place is not finite, or of a thing that is gone')
    if (batch.lost === true) this.#events.lost()
    this.#events.settled(started ? 0 : performance.now() - this.#askedAtMs)
    if (started || this.#plays) return
    this.#plays = true
    this.#events.playing()
  }

  #errors(errors: unknown): void {
    if (!Array.isArray(errors)) return
    for (const error of errors.slice(0, MAX_ERRORS))
      if (isObject(error) && typeof error.message === 'string' && typeof error.stack === 'string')
        this.#events.error({ message: error.message, stack: error.stack })
  }

  #commands(commands: unknown): void {
    if (!Array.isArray(commands)) {
      this.#events.dropped('not a list of commands')
      return
    }
    for (const raw of commands.slice(0, MAX_COMMANDS)) {
      const checked = this.#check.check(raw)
      if (checked.ok) this.#events.command(checked.command)
      else this.#events.dropped(checked.reason)
    }
    if (commands.length > MAX_COMMANDS) this.#events.dropped(`more than ${MAX_COMMANDS} commands in one frame`)
  }
}

/** A number that the creator's code cannot foresee: an answer that has it is an answer to that frame. 0 is the start's. */
function unpredictable(): number {
  const [number] = crypto.getRandomValues(new Uint32Array(1))
  return number! + 1
}
