// Speaks frame.ts with the isolate of a room: typed commands in, parsed headers and message texts out.
import { type Budgets, DEFAULT_BUDGETS } from '@sandlot/shared/budgets.ts'
import { LOAD_TIMEOUT_MS } from '@sandlot/shared/limits.ts'
import type { CodeProblem, Json, Player } from '@sandlot/shared/protocol/messages.ts'
import { readHeader, readProblem, readShortHeader, readStarted, tampered } from './answer.ts'
import type { Build } from './build.ts'
import type { Command, FrameHeader, GuestError, RoomEvent, Started } from './frame.ts'
import { IsolateError } from './isolate.ts'
import { Isolates, type Place } from './isolates.ts'
import { problemFrom } from './problem.ts'

const TRIAL_FRAMES = 3

export interface Output {
  /** Bytes: the state. */
  data: string | Buffer
  /** Null: all players who have the state by then. */
  to: string[] | null
}
export interface Frame extends Omit<FrameHeader, 'out' | 'problem' | 'faults'> {
  outputs: Output[]
  /** Length of all that left the isolate. */
  chars: number
  problem: CodeProblem | null
  faults: CodeProblem[]
}

/** What a room starts from: a fresh setup, or the saved text of another engine. */
export type Origin =
  | { kind: 'setup'; seed: number[]; startMs: number }
  | { kind: 'saved'; saved: string; players: Player[]; migrateFrom: string | null }

export class Engine {
  readonly build: Build
  readonly ticks: boolean
  /** Lines logged while it started. */
  readonly logs: string[]
  #place: Place
  #frameMs: number

  private constructor(build: Build, place: Place, frameMs: number, { ticks, logs }: Started) {
    this.build = build
    this.#place = place
    this.#frameMs = frameMs
    place.spentMs() // loading has a limit of its own
    this.ticks = ticks
    this.logs = logs
  }

  /** Finds a place for `build`, by itself in a fresh isolate without `isolates`, and makes its first state. Throws IsolateError; then nothing is left behind. */
  static start(
    build: Build,
    origin: Origin,
    store: [string, Json][],
    budgets: Budgets = DEFAULT_BUDGETS,
    isolates?: Isolates,
  ): Engine {
    const place = (isolates ?? new Isolates()).take(build, budgets.roomMemoryMiB, isolates === undefined)
    try {
      const { tickRate, sync } = build.manifest
      const { stateBytes, frameOutputBytes, frameMessages, storeBytes } = budgets
      const limits = { stateBytes, frameOutputBytes, frameMessages, storeBytes }
      const facts = { tickRate, precision: sync.precision, store, limits }
      const command: Command =
        origin.kind === 'setup'
          ? { op: 'start', seed: origin.seed, startMs: origin.startMs, ...facts }
          : { op: 'load', saved: origin.saved, players: origin.players, migrateFrom: origin.migrateFrom, ...facts }
      const started = readStarted(place.enter(JSON.stringify(command), LOAD_TIMEOUT_MS))
      if (started.problem) throw thrown(started.problem)
      return new Engine(build, place, budgets.frameMs, started)
    } catch (error) {
      place.release()
      throw error
    }
  }

  /**
   * One step. `ms`: the time since 1970, for rooms that do not tick. `between`: let the events happen, but do not tick.
   * Throws IsolateError when a limit was passed.
   */
  frame(events: RoomEvent[], full: string[], gone: string[], ms: number, between = false): Frame {
    const command: Command = { op: 'frame', events }
    if (full.length > 0) command.full = full
    if (gone.length > 0) command.gone = gone
    if (!this.ticks) command.ms = ms
    else if (between) command.between = true
    const answer = this.#place.enter(JSON.stringify(command), this.#frameMs)
    return readShortFrame(answer) ?? readFrame(answer)
  }

  /** What another engine needs to go on from here. */
  save(): string {
    return this.#place.enter('{"op":"save"}', LOAD_TIMEOUT_MS)
  }

  /** Runs a few frames; what throws is returned. The state is spoilt: start another engine from the saved text. */
  trial(): CodeProblem | null {
    const command: Command = { op: 'trial', frames: TRIAL_FRAMES }
    const problem = readProblem(this.#place.enter(JSON.stringify(command), LOAD_TIMEOUT_MS))
    return problem && problemFrom(problem.message, problem.stack)
  }

  /** CPU time since the last call, in milliseconds. */
  spentMs(): number {
    return this.#place.spentMs()
  }

  get memoryMiB(): number {
    return this.#place.memoryMiB
  }
  /** The number of its isolate. */
  get isolate(): number {
    return this.#place.isolate
  }

  /** Another room of its isolate was stopped: it cannot go on. */
  get isLost(): boolean {
    return this.#place.isLost
  }
  /** Whether it would be better off in an isolate of its own. */
  get crowded(): boolean {
    return this.#place.crowded
  }

  dispose(): void {
    this.#place.release()
  }
}

const NEWLINE = 10

/** A frame of which there is nothing to say but the state. */
function readShortFrame(answer: string): Frame | undefined {
  const short = readShortHeader(answer)
  if (!short) return undefined
  const { frame, length } = short
  const at = answer.length - length
  if (answer.charCodeAt(at - 1) !== NEWLINE) return tampered()
  const data = Buffer.from(answer.slice(at), 'latin1')
  return {
    frame,
    outputs: length > 0 ? [{ data, to: null }] : [],
    chars: answer.length,
    problem: null,
    faults: [],
    logs: [],
    store: [],
    end: null,
    changed: true,
    sent: 0,
    over: {},
  }
}

function readFrame(answer: string): Frame {
  const { out, problem, faults, ...header } = readHeader(answer)
  let at = answer.indexOf('\n') + 1
  const outputs = out.map(([length, to, isState]): Output => {
    const text = answer.slice(at, at + length)
    at += length
    return { data: isState ? Buffer.from(text, 'latin1') : text, to }
  })
  const explain = ({ message, stack }: GuestError) => problemFrom(message, stack)
  return {
    ...header,
    chars: answer.length,
    outputs,
    problem: problem && explain(problem),
    faults: faults.map(explain),
  }
}

const thrown = ({ message, stack }: GuestError) => new IsolateError('code', problemFrom(message, stack))

/**
 * Moves a room's saved text to `build`: loads it, migrates it, tries a few frames, and only then starts the engine that will run.
 * `beat` is called between the parts, each of which has a time limit of its own. Throws IsolateError; the room's old engine has not been touched.
 */
export function takeOver(
  build: Build,
  origin: Extract<Origin, { kind: 'saved' }>,
  store: [string, Json][],
  budgets: Budgets,
  isolates: Isolates | undefined,
  beat: () => void,
): Engine {
  const rehearsal = Engine.start(build, origin, store, budgets)
  try {
    beat()
    const problem = rehearsal.trial()
    if (problem) throw new IsolateError('code', problem)
  } finally {
    rehearsal.dispose()
  }
  beat()
  return Engine.start(build, origin, store, budgets, isolates)
}
