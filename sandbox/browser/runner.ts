// The game's code while it is played: asked for one frame after the other, paused when it makes a mistake, stopped when it freezes, started again.
//
// none     nothing was started, or it ended: only `start` leaves it.
// playing  frames are asked for, unless the page has paused them or a mistake waits for the player to say how it goes on.
// frozen   the worker was killed; the restart is due in a second, or none is left and the player must reload.

import { MESSAGES_PER_SECOND } from '@sandlot/shared/limits.ts'
import { isAction } from '@sandlot/shared/protocol/codec.ts'
import type { CodeExcerpt, CodeProblem, Json } from '@sandlot/shared/protocol/messages.ts'
import { Restarts } from '@sandlot/shared/restarts.ts'
import { actionData } from './commands.ts'
import { excerptOf } from './excerpt.ts'
import { type Command, ENTITY_LIMIT, type Happening, type Start, type WorkerError } from './frame.ts'
import { RunningGame } from './game.ts'
import type { Input } from './input.ts'
import { Meter, type Pace } from './meter.ts'
import { ProblemCount, toProblem } from './problem.ts'
import type { Sounds } from './sounds.ts'
import { SourceMaps } from './source-map.ts'
import type { Stage } from './stage/stage.ts'

const FRAME_MS = 1000 / 60 - 2 // games are drawn 60 times a second at most, on screens of 144 Hz too; 2 ms for an uneven clock
const MAX_FRAME_S = 0.25 // what lies between two frames counts as this at most: a game does not catch up with an hour in the background
const RESTART_PAUSES_MS = [1_000, 1_000, 1_000] // time to read what happened
const FROZE = 'client.js did not come back for 5 seconds and was stopped.'
const GIVEN_UP = `${FROZE} It did so each time it was started. Does it loop without end? Save a fix, or reload.`

export interface RunnerEvents {
  /** What the game has to hear since the last call, in order. */
  news(): Happening[]
  /** Whether one more action may be sent now; it counts as sent. */
  maySend(): boolean
  act(action: string, data: Json): void
  /** The game set the state of the room, or sent an input to the host; why it came to nothing, if so. */
  say(what: 'state' | 'input', data: Json): string | undefined
  log(text: string): void
  /** The game's code made a mistake, for the `count`-th time; it is paused if this is the first. */
  problem(problem: CodeProblem, count: number, code: CodeExcerpt | undefined): void
  /** The first time of each mistake of the code, and each time that it froze: for its creator. */
  mistake(problem: CodeProblem): void
  /** The game plays again: the mistake is no news any more. */
  mended(): void
  /** The game's copy of the state is not right any more. */
  lost(): void
  /** How the last second was. */
  pace(pace: Pace): void
  input(keys: string[]): void
}
/** How to start the game now, and the address of its build. */
export interface Cartridge {
  start(): Start
  background: string
  buildUrl: string
}

export class Runner {
  readonly #stage: Stage
  readonly #input: Input
  readonly #sounds: Sounds
  readonly #events: RunnerEvents
  readonly #problems = new ProblemCount()
  readonly #restarts = new Restarts(RESTART_PAUSES_MS)
  readonly #meter = new Meter()
  /** How often something was dropped, by reason. */
  readonly #reasons = new Map<string, number>()
  #dropped = 0
  #cartridge: Cartridge | undefined
  #game: RunningGame | undefined
  #paused = false
  #halted = false // a mistake was shown and the player has not said how it goes on
  #frameAtMs = 0
  #frame = 0

  constructor(stage: Stage, input: Input, sounds: Sounds, events: RunnerEvents) {
    this.#stage = stage
    this.#input = input
    this.#sounds = sounds
    this.#events = events
  }

  /** Whether the game stands still, until the player or the page says otherwise. */
  get isHalted(): boolean {
    return this.#paused || this.#halted
  }
  /** Frames that the game was asked for. */
  get frames(): number {
    return this.#frame
  }
  /** Things that were asked for in vain. */
  get dropped(): number {
    return this.#dropped
  }

  /** A new build is on its way: what the old one did wrong is no news any more. */
  forget(): void {
    this.#problems.clear()
    this.#reasons.clear()
    this.#restarts.cancel({ fresh: true })
    this.#halted = false
  }

  /** Plays this; the old game is drawn until the new one has loaded, so a save does not flicker. */
  play(cartridge: Cartridge): void {
    this.#cartridge = cartridge
    this.#start()
  }

  /** From the start, as the player wishes. */
  reload(): void {
    if (!this.#cartridge) return
    this.forget()
    this.#events.mended()
    this.#start()
  }

  pause(): void {
    this.#paused = true
    this.#hush()
  }

  /** Goes on after a pause, and after a mistake. The same mistake does not pause the game again. */
  resume(): void {
    this.#paused = false
    this.#halted = false
    this.#hush()
  }

  /** Each drawn frame: asks the game for its next batch, unless it still works on the last one. */
  frame(nowMs: number): void {
    if (this.#paused || this.#halted || !this.#game) {
      this.#frameAtMs = nowMs
      return
    }
    const pace = this.#meter.drawn(nowMs)
    if (pace) this.#events.pace(pace)
    if (!this.#game.ready) {
      this.#game.watch(nowMs)
      return
    }
    if (nowMs - this.#frameAtMs < FRAME_MS) return
    const seconds = Math.min(MAX_FRAME_S, (nowMs - this.#frameAtMs) / 1000)
    this.#frameAtMs = nowMs
    this.#frame++
    const input = this.#input.take()
    this.#events.input(input.keys)
    const happenings = [...this.#events.news(), ...input.happenings]
    this.#game.frame({ ...input, seconds, happenings, camera: this.#stage.looksAt })
  }

  #start(): void {
    const { start, background, buildUrl } = this.#cartridge!
    this.#restarts.cancel({ fresh: false })
    this.#game?.stop()
    this.#halted = false
    this.#hush()
    this.#meter.reset()
    const maps = new SourceMaps(buildUrl)
    const game = new RunningGame(start(), {
      loaded: () => {
        this.#stage.clear(background)
        this.#input.clearControls()
        this.#sounds.stopAll()
      },
      playing: () => this.#events.mended(),
      command: (command) => this.#command(command),
      transform: (...pose) => this.#stage.pose(...pose),
      settled: (ms) => {
        this.#meter.answered(ms)
        this.#stage.settle()
      },
      error: (error) => {
        void maps.original(error).then((original) => {
          if (this.#game === game) this.#wrong(original, buildUrl, game) // the last words of code that was replaced are no news
        })
      },
      frozen: () => this.#frozen(),
      dropped: (reason) => this.#drop(reason),
      lost: () => this.#events.lost(),
    })
    this.#game = game
  }

  #wrong(error: WorkerError, buildUrl: string, game: RunningGame): void {
    const problem = toProblem(error, buildUrl)
    const count = this.#problems.add(problem)
    if (count === undefined) return
    if (count > 1) {
      this.#events.problem(problem, count, undefined)
      return
    }
    this.#halted = true
    this.#hush()
    this.#events.mistake(problem)
    void excerptOf(problem, buildUrl).then((code) => {
      if (this.#game === game) this.#events.problem(problem, 1, code)
    })
  }

  #frozen(): void {
    const which = this.#restarts.frozen(performance.now(), () => this.#start())
    this.#game = undefined
    this.#sounds.stopAll()
    this.#events.mistake({ message: FROZE })
    this.#events.problem({ message: which ? `${FROZE} It starts again (${which}).` : GIVEN_UP }, 1, undefined)
  }

  #command(command: Command): void {
    if (command.c === 'log') this.#events.log(command.text)
    else if (command.c === 'controls') this.#input.showControls(command)
    else if (command.c === 'state' || command.c === 'input') {
      const parsed = actionData(command.json)
      const wrong = parsed.ok ? this.#events.say(command.c, parsed.data) : parsed.reason
      if (wrong !== undefined) this.#drop(wrong)
    } else if (command.c !== 'send') {
      this.#stage.apply(command)
      this.#sounds.apply(command)
    } else if (!this.#events.maySend()) this.#drop(`the game sent more than ${MESSAGES_PER_SECOND} actions a second`)
    else {
      const parsed = actionData(command.data)
      if (!parsed.ok) this.#drop(parsed.reason)
      else if (!isAction(command.action, parsed.data))
        this.#drop('the server takes no such action: it is too long, too deep, or has a key __proto__') // prettier-ignore
      else this.#events.act(command.action, parsed.data)
    }
  }

  /** Counts what the game asked for in vain; its creator hears of each reason once. */
  #drop(reason: string): void {
    this.#dropped++
    const count = (this.#reasons.get(reason) ?? 0) + 1
    if (count > 1 || this.#reasons.size < 100) this.#reasons.set(reason, count)
    if (reason === ENTITY_LIMIT && this.#game) this.#wrong({ message: reason, stack: '' }, '', this.#game)
    else if (count === 1) this.#events.log(`gameAPI: something was ignored: ${reason}`)
  }

  #hush(): void {
    this.#sounds.pause(this.#paused || this.#halted)
  }
}
