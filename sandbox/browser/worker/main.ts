// Starts in a worker, takes away what a game must not have, loads the creator's module and passes it one frame after the other.
import { type Batch, type Frame, LOADING, MAX_ERRORS, type Start, type WorkerError } from '../frame.ts'
import { Game } from './api.ts'
import { addGlobal, removeGlobals } from './globals.ts'

// Captured before any code of the creator runs. The port stays in here: the code can neither speak nor listen on it.
const dataOf = Object.getOwnPropertyDescriptor(MessageEvent.prototype, 'data')!.get!
const call = Function.prototype.call.bind(Function.prototype.call) as (
  method: (...args: never) => unknown,
  self: unknown,
  ...args: unknown[]
) => unknown
const { stringify } = JSON
const { setInterval, clearInterval } = globalThis
const native = { ...console }

let errors: WorkerError[] = []
let printed: string | undefined

/** Keeps an error for the next batch; more than MAX_ERRORS of one frame are of no use to anybody. */
function report(error: unknown): void {
  const described = describe(error)
  if (described.stack !== printed) native.error(error) // the browser's own console shows an error of every frame once, too
  printed = described.stack
  if (errors.length < MAX_ERRORS) errors[errors.length] = described
}

function describe(error: unknown): WorkerError {
  try {
    const { name, message, stack } = error as Error
    if (typeof stack === 'string') return { message: `${name}: ${message}`, stack }
    return { message: `thrown: ${typeof error === 'object' ? stringify(error) : String(error)}`, stack: '' }
  } catch {
    return { message: 'an error that cannot be shown was thrown', stack: '' }
  }
}

/** The bootstrap's only message from outside: how to start, and the port for everything after. */
addEventListener(
  'message',
  ({ data, ports }) => {
    void play(data as Start, ports[0]!)
  },
  { once: true },
)

async function play(start: Start, port: MessagePort): Promise<void> {
  const post = port.postMessage.bind(port) as MessagePort['postMessage']
  const game = new Game(start, report)
  const answer = (n: number, failed = false) => {
    const { commands, transforms } = game.screen.take()
    const batch: Batch = { n, commands, transforms, errors, failed, lost: game.lost }
    errors = []
    game.lost = false
    post(batch, [transforms.buffer as ArrayBuffer])
  }
  let running = false
  port.onmessage = (event) => {
    if (!running) return
    const frame = call(dataOf, event) as Frame
    game.run(frame)
    answer(frame.n)
  }
  addEventListener('error', (event) => {
    event.preventDefault() // told in the batch
    report(event.error ?? new Error(event.message))
  })
  addEventListener('unhandledrejection', (event) => {
    event.preventDefault()
    report(event.reason)
  })

  removeGlobals()
  addGlobal('gameAPI', game.gameAPI)
  const log = (...values: unknown[]) => {
    native.log(...values)
    game.gameAPI.log(...values)
  }
  addGlobal('console', Object.freeze({ log, info: log, debug: log, warn: log, error: log }))

  const loading = setInterval(() => post(LOADING), 1_000)
  try {
    await import(/* @vite-ignore */ start.entry)
  } catch (error) {
    report(error)
    answer(0, true)
    return
  } finally {
    clearInterval(loading)
  }
  game.welcome()
  running = true
  answer(0)
}
