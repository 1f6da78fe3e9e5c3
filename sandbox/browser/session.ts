// One player at one game: brings together the connection, the running game, the stage and what surrounds them. This is where a message of one becomes a deed of another.
import { MESSAGE_BURST, MESSAGES_PER_SECOND } from '@sandlot/shared/limits.ts'
import { isAction } from '@sandlot/shared/protocol/codec.ts'
import type {
  ClientBuild,
  CodeProblem,
  PageToRuntime,
  Player,
  RuntimeStatus,
  RuntimeToPage,
  SeatedPlayer,
  ServerMessage,
} from '@sandlot/shared/protocol/messages.ts'
import { assertNever, CLOSE, type CloseReason } from '@sandlot/shared/reasons.ts'
import { Allowance } from './allowance.ts'
import { actionData } from './commands.ts'
import { Connection } from './connection.ts'
import { StateFeed } from './feed.ts'
import { type Command, ENTITY_LIMIT, type Happening, type WorkerError } from './frame.ts'
import { RunningGame } from './game.ts'
import { Input } from './input.ts'
import type { Notices } from './notices.ts'
import { ProblemCount, toProblem } from './problem.ts'
import type { Site } from './site.ts'
import { Sounds } from './sounds.ts'
import { SourceMaps } from './source-map.ts'
import type { Stage } from './stage/stage.ts'

const FRAME_MS = 1000 / 60 - 2 // games are drawn 60 times a second at most, on screens of 144 Hz too; 2 ms for an uneven clock
const MAX_WAITING = 500 // messages for a game that is not asked, as in a background tab; older ones are forgotten
const LOGS_PER_SECOND = 100
const MAX_FRAME_S = 0.25 // what lies between two frames counts as this at most: a game does not catch up with an hour in the background

/** A seat: what `welcome` said, of which only this much is of interest to the game. */
interface Seat {
  room: string
  me: Player
  seed: number
  client: ClientBuild
}

export class Session {
  readonly #stage: Stage
  readonly #notices: Notices
  readonly #site: Site | undefined
  readonly #connection: Connection
  readonly #input: Input
  readonly #feed = new StateFeed()
  readonly #problems = new ProblemCount()
  readonly #sends = new Allowance(MESSAGES_PER_SECOND, MESSAGE_BURST - 10) // below the host's own, which counts `hello` too
  readonly #logs = new Allowance(LOGS_PER_SECOND, LOGS_PER_SECOND)
  /** How often something was dropped, by reason. */
  readonly #dropped = new Map<string, number>()
  #seat: Seat | undefined
  #players: SeatedPlayer[] = []
  #waiting: Happening[] = []
  #game: RunningGame | undefined
  #maps: SourceMaps | undefined
  /** The seat or its build is new: the game starts over with the next full state. */
  #stale = true
  #paused = false
  #frameAtMs = 0
  readonly #sounds = new Sounds((text) => this.log(text))

  /** `site` is the website's page around this one, if any; without one the first seat is asked for at once. */
  constructor(stage: Stage, notices: Notices, site: ((receive: (message: PageToRuntime) => void) => Site) | undefined) {
    this.#stage = stage
    this.#notices = notices
    this.#input = new Input(stage, document.querySelector<HTMLElement>('#controls')!)
    const address = new URL('ws', document.baseURI)
    address.protocol = address.protocol === 'https:' ? 'wss:' : 'ws:'
    this.#connection = new Connection(address.href, {
      message: (message) => this.#heard(message),
      lost: () => this.#lost(),
      unseated: () => this.#unseated(),
      closed: (reason) => this.#closed(reason),
    })
    this.#site = site?.((message) => this.#told(message))
    this.#status('connecting', 'Connecting…')
    if (!this.#site) this.#connection.connect()
  }

  /** Each drawn frame: asks the game for its next batch, unless it still works on the last one. */
  frame(nowMs: number): void {
    if (this.#paused || !this.#game) return
    if (!this.#game.ready) {
      this.#game.watch(nowMs)
      return
    }
    if (nowMs - this.#frameAtMs < FRAME_MS) return
    const seconds = Math.min(MAX_FRAME_S, (nowMs - this.#frameAtMs) / 1000)
    this.#frameAtMs = nowMs
    const input = this.#input.take()
    const happenings = [...this.#feed.take(), ...this.#waiting, ...input.happenings]
    this.#waiting = []
    this.#game.frame({ ...input, seconds, happenings, camera: this.#stage.looksAt })
  }

  log(text: string): void {
    if (this.#logs.take(performance.now())) this.#post({ type: 'LOG', text })
  }

  /** An image of the game was loaded: the worker wants to know its size. */
  picture(name: string, width: number, height: number): void {
    this.#tell({ t: 'picture', name, width, height })
  }

  #told(message: PageToRuntime): void {
    switch (message.type) {
      case 'TICKET':
        this.#connection.connect(message.ticket)
        return
      case 'PAUSE':
        this.#paused = true
        this.#sounds.pause(true)
        return
      case 'RESUME':
        this.#paused = false
        this.#sounds.pause(false)
        return
      case 'LEAVE':
        this.#connection.leave()
        this.#status('ended', 'You left the game.')
        return
      default:
        assertNever(message)
    }
  }

  #heard(message: ServerMessage): void {
    switch (message.t) {
      case 'welcome':
        this.#welcomed(message)
        return
      case 'full':
        this.#feed.full(message.s)
        if (this.#stale) this.#startGame()
        return
      case 'delta':
        try {
          this.#feed.delta(message.d)
        } catch {
          this.#connection.refresh() // a state we cannot trust any more; the seat brings a whole one
        }
        return
      case 'players':
        this.#players = message.p
        this.#post({ type: 'PLAYERS', players: message.p, me: this.#seat?.me.id ?? '' })
        this.#showPlaying()
        this.#tell(message)
        return
      case 'msg':
      case 'refused':
        this.#tell(message)
        return
      case 'build':
        if (this.#seat) this.#seat.client = message.client
        this.#stale = true
        this.#prepare(message.client)
        this.#post({ type: 'BUILD', build: message.client.build })
        return
      case 'error':
        this.#problem('server', message.e)
        return
      case 'end':
        this.#post({ type: 'END', result: message.result })
        this.#tell(message)
        return
      default:
        assertNever(message)
    }
  }

  #welcomed({ room, me, seed, client }: ServerMessage & { t: 'welcome' }): void {
    const old = this.#seat
    this.#seat = { room, me, seed, client }
    if (old?.room !== room || old.me.id !== me.id || old.client.build !== client.build) {
      this.#stale = true
      this.#prepare(client)
    }
    this.#notices.clearNote()
    this.#showPlaying()
  }

  #prepare(client: ClientBuild): void {
    document.title = client.title
    this.#post({ type: 'TITLE', title: client.title, width: client.width, height: client.height })
    this.#problems.clear()
    this.#dropped.clear()
    this.#notices.clearProblem()
    this.#stage.use(client)
    this.#sounds.use(client.sounds)
  }

  /** The old game is drawn until the new one has loaded, so a save does not flicker. */
  #startGame(): void {
    const { me, seed, client } = this.#seat!
    const entry = new URL(client.entry, document.baseURI).href
    const buildUrl = new URL('.', entry).href
    this.#stale = false
    this.#feed.settle()
    this.#waiting = []
    this.#game?.stop()
    const maps = new SourceMaps(buildUrl)
    this.#maps = maps
    const { width, height, sounds } = client
    const start = {
      entry,
      me,
      players: this.#players,
      state: this.#feed.value,
      seed,
      width,
      height,
      pictures: this.#stage.pictureSizes,
      sounds,
    }
    this.#game = new RunningGame(start, {
      loaded: () => {
        this.#stage.clear(client.background)
        this.#input.clearControls()
        this.#sounds.stopAll()
      },
      command: (command) => this.#command(command),
      transform: (...pose) => this.#stage.pose(...pose),
      settled: () => this.#stage.settle(),
      error: (error) => {
        void maps.original(error).then((original) => {
          if (!this.#stale && maps === this.#maps) this.#problem('client', toProblem(original, buildUrl)) // the last words of code that is being replaced are no news
        })
      },
      dropped: (reason) => this.#drop(reason, buildUrl),
      lost: () => this.#feed.resend(),
    })
  }

  #command(command: Command): void {
    if (command.c === 'log') this.log(command.text)
    else if (command.c === 'controls') this.#input.showControls(command)
    else if (command.c !== 'send') {
      this.#stage.apply(command)
      this.#sounds.apply(command)
    } else if (!this.#sends.take(performance.now()))
      this.#drop(`the game sent more than ${MESSAGES_PER_SECOND} actions a second`)
    else {
      const parsed = actionData(command.data)
      if (!parsed.ok) this.#drop(parsed.reason)
      else if (!isAction(command.action, parsed.data))
        this.#drop('the server takes no such action: it is too long, too deep, or has a key __proto__') // prettier-ignore
      else this.#connection.act(command.action, parsed.data)
    }
  }

  /** Counts what the game asked for in vain; its creator hears of each reason once. */
  #drop(reason: string, buildUrl = ''): void {
    const count = (this.#dropped.get(reason) ?? 0) + 1
    if (count > 1 || this.#dropped.size < 100) this.#dropped.set(reason, count)
    if (reason === ENTITY_LIMIT)
      this.#problem('client', toProblem({ message: reason, stack: '' } satisfies WorkerError, buildUrl))
    else if (count === 1) this.log(`gameAPI: something was ignored: ${reason}`)
  }

  #problem(side: 'client' | 'server', problem: CodeProblem): void {
    const count = this.#problems.add(problem)
    if (count === undefined) return
    if (count === 1) this.#post({ type: 'ERROR', side, problem })
    if (!this.#site) this.#notices.problem(side, problem, count) // the site draws its own
  }

  #tell(happening: Happening): void {
    this.#waiting.push(happening)
    if (this.#waiting.length > MAX_WAITING) this.#waiting.shift()
  }

  #lost(): void {
    const text = this.#seat ? 'Reconnecting…' : 'Connecting…'
    this.#notices.note(text, { wait: true })
    this.#status(this.#seat ? 'reconnecting' : 'connecting', text)
  }

  #unseated(): void {
    this.#lost()
    if (this.#site) this.#post({ type: 'TICKET_NEEDED' })
    else this.#connection.connect()
  }

  #closed(reason: CloseReason): void {
    const { text } = CLOSE[reason]
    const again = { label: 'Play again', press: () => this.#connection.connect() }
    this.#notices.note(text, this.#site ? {} : { button: again })
    this.#status(reason === 'room-ended' ? 'ended' : 'refused', text)
  }

  #showPlaying(): void {
    const here = this.#players.filter((player) => player.connected).length
    this.#status('playing', here === 1 ? 'You are alone here' : `${here} players`)
  }

  #status(status: RuntimeStatus, text: string): void {
    this.#post({ type: 'STATUS', status, text })
    if (!this.#site) this.#notices.status(status, text)
  }

  #post(message: RuntimeToPage): void {
    this.#site?.post(message)
  }
}
