// Starts in a worker, takes away what a game must not have, loads the creator's module and passes it one frame after the other.
import { GUARD } from '@sandlot/shared/guard.ts'
import { type Batch, type Frame, LOADING, MAX_ERRORS, type Start, type WorkerError } from '../frame.ts'
import { Game } from './api.ts'
import { addGlobal, removeGlobals } from './globals.ts'
import { guard, overdue } from './guard.ts'
import { add, bufferOf, call, freeze, type List, list, only, Problem, stringify, toText, uncurried } from './safe.ts'

// Captured before any code of the creator runs. The port stays in here: the code can neither speak nor listen on it.
const dataOf = uncurried(Object.getOwnPropertyDescriptor(MessageEvent.prototype, 'data')!.get as () => unknown)
const { setInterval, clearInterval } = globalThis
const native = { ...console }
const LOADING_MS = 500 // less than the page's patience by far

let errors: List<WorkerError> = list()
let printed: string | undefined

/** Keeps an error for the next batch; more than MAX_ERRORS of one frame are of no use to anybody. */
function report(error: unknown): void {
  const described = describe(error)
  if (described.stack !== printed) native.error(error) // the browser's own console shows an error of every frame once, too
  printed = described.stack
  if (errors.length < MAX_ERRORS) add(errors, described)
}

function describe(error: unknown): WorkerError {
  try {
    const { name, message, stack } = error as Error
    if (typeof stack === 'string') return { message: `${name}: ${message}`, stack }
    return { message: `thrown: ${typeof error === 'object' ? stringify(error) : toText(error)}`, stack: '' }
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
    errors = list()
    game.lost = false
    post(batch, only(bufferOf(transforms, [])) as Transferable[])
  }
  let running = false
  port.onmessage = (event) => {
    if (!running) return
    const frame = dataOf(event, []) as Frame
    try {
      game.run(frame)
    } catch (error) {
      report(error) // the game broke an object of gameAPI; the frame is answered, so that its creator reads which
    }
    answer(frame.n)
  }
  addEventListener('error', (event) => {
    event.preventDefault() // told in the batch
    report(event.error ?? new Problem(event.message))
  })
  addEventListener('unhandledrejection', (event) => {
    event.preventDefault()
    report(event.reason)
  })

  removeGlobals()
  addGlobal('gameAPI', game.gameAPI)
  addGlobal(GUARD, guard)
  const log = (...values: unknown[]) => {
    call(native.log, values)
    call(game.gameAPI.log, values)
  }
  addGlobal('console', freeze({ log, info: log, debug: log, warn: log, error: log }))

  let isGivenUp = false // whatever it waits for, nobody is interested in any more
  const loading = setInterval(() => {
    const problem = overdue()
    if (!problem) return post(LOADING)
    isGivenUp = true
    clearInterval(loading)
    add(errors, problem)
    answer(0, true)
  }, LOADING_MS)
  try {
    await import(/* @vite-ignore */ start.entry)
  } catch (error) {
    if (isGivenUp) return
    report(error)
    answer(0, true)
    return
  } finally {
    clearInterval(loading)
  }
  if (isGivenUp) return
  game.welcome()
  running = true
  answer(0)
}
