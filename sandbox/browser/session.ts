// One player at one game: brings together the connection, the running game, the stage and what surrounds them. This is where a message of one becomes a deed of another.

import { Bucket } from '@sandlot/shared/bucket.ts'
import { MAX_OWN_PROBLEMS, PLAYER_PROBLEMS_PER_MINUTE } from '@sandlot/shared/limits.ts'
import { problemMessage } from '@sandlot/shared/protocol/codec.ts'
import type {
  ClientBuild,
  CodeExcerpt,
  CodeProblem,
  Json,
  PageToRuntime,
  Player,
  RuntimeStatus,
  RuntimeToPage,
  SeatedPlayer,
  ServerMessage,
} from '@sandlot/shared/protocol/messages.ts'
import { assertNever, CLOSE, type CloseReason } from '@sandlot/shared/reasons.ts'
import { Connection } from './connection.ts'
import { StateFeed } from './feed.ts'
import type { Happening, Start } from './frame.ts'
import { Hosted } from './hosted.ts'
import { Input } from './input.ts'
import type { Pace } from './meter.ts'
import type { Notices } from './notices.ts'
import { ProblemCount } from './problem.ts'
import { Runner } from './runner.ts'
import type { Site } from './site.ts'
import { Sounds } from './sounds.ts'
import type { Stage } from './stage/stage.ts'
import { newWords } from './words.ts'

const MAX_WAITING = 500 // messages for a game that is not asked, as in a background tab; older ones are forgotten
const LOGS_PER_SECOND = 100
const HEARTBEAT_MS = 1_000
const SIGNALS_PER_SECOND = 10 // of the page
const STATES_PER_SECOND = 5 // to a page that watches: people look at them
const MAX_CONTEXT_LOSSES = 3 // a picture that is taken away more often stays away

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
  readonly #sounds = new Sounds((text) => this.log(text))
  readonly #runner: Runner
  readonly #words = newWords()
  readonly #feed = new StateFeed()
  readonly #serverProblems = new ProblemCount()
  readonly #logs = new Bucket(LOGS_PER_SECOND, LOGS_PER_SECOND)
  readonly #mistakes = new Bucket(PLAYER_PROBLEMS_PER_MINUTE / 60, MAX_OWN_PROBLEMS)
  readonly #states = new Bucket(STATES_PER_SECOND, 1)
  readonly #signals = new Bucket(SIGNALS_PER_SECOND, 60)
  #roomMs: number | null = null
  #peersMs: number | null = null
  #peers = 0
  #watched = { input: false, state: false }
  #keys = ''
  #away = false // as the room knows it
  #seat: Seat | undefined
  #players: SeatedPlayer[] = []
  #host: string | null = null
  /** For a game without server.js. */
  #hosted: Hosted | undefined
  #waiting: Happening[] = []
  /** Another entry than the build's own, for a preview that only this player sees. */
  #preview: string | undefined
  /** The seat or its build is new: the game starts over with the next full state. */
  #stale = true
  #serverFrame = 0
  #contextLosses = 0
  #slow = false

  /** `site` is the website's page around this one, if any; without one the first seat is asked for at once. */
  constructor(stage: Stage, notices: Notices, site: ((receive: (message: PageToRuntime) => void) => Site) | undefined) {
    this.#stage = stage
    this.#notices = notices
    this.#input = new Input(stage, document.querySelector<HTMLElement>('#controls')!)
    this.#runner = new Runner(stage, this.#input, this.#sounds, {
      news: () => this.#news(),
      maySend: () => this.#words.take(performance.now()),
      act: (action, data) => this.#connection.act(action, data),
      say: (what, data) => this.#said(what, data),
      log: (text) => this.log(text),
      problem: (problem, count, code) => {
        if (!this.#stale) this.#problem('client', problem, count, code) // the last words of code that is being replaced are no news
      },
      mistake: (problem) => this.#mistake(problem),
      mended: () => this.#mended(),
      lost: () => this.#feed.resend(),
      pace: (pace) => this.#pace(pace),
      input: (keys) => this.#tellInput(keys),
    })
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
    // Not with the drawn frames: of an iframe that was scrolled away none are drawn.
    setInterval(() => {
      this.#post({ type: 'HEARTBEAT', frame: this.#runner.frames })
      this.#tellAway()
    }, HEARTBEAT_MS)
    document.addEventListener('visibilitychange', () => this.#tellAway())
  }

  /** Each drawn frame. */
  frame(nowMs: number): void {
    this.#runner.frame(nowMs)
  }

  log(text: string): void {
    if (!this.#logs.take(performance.now())) return
    if (this.#site) this.#post({ type: 'LOG', text })
    // biome-ignore lint/suspicious/noConsole: without a site around it, this is where the creator looks.
    else console.log(text)
  }

  /** An image of the game was loaded: the worker wants to know its size. */
  picture(name: string, width: number, height: number): void {
    this.#tell({ t: 'picture', name, width, height })
  }

  /** The player wants the game from the start. */
  reload(): void {
    this.#runner.reload()
  }
  /** The player wants to go on after a mistake of the game. */
  goOn(): void {
    this.#runner.resume()
  }

  /** The graphics card took the picture away, or gave it back. */
  context(state: 'lost' | 'restored'): void {
    if (state === 'restored' && this.#contextLosses < MAX_CONTEXT_LOSSES) this.#notices.clearNote()
    if (state === 'restored') return
    if (++this.#contextLosses < MAX_CONTEXT_LOSSES)
      this.#notices.note('The graphics card is busy. The picture comes back by itself…', { wait: true })
    else
      this.#notices.note('The graphics card keeps taking the picture away: the game may draw too much.', {
        button: { label: 'Reload', press: () => location.reload() },
      })
  }

  #told(message: PageToRuntime): void {
    switch (message.type) {
      case 'TICKET':
        this.#connection.connect(message.ticket)
        return
      case 'PAUSE':
        this.#runner.pause()
        return
      case 'RESUME':
        this.#runner.resume()
        return
      case 'LEAVE':
        this.#connection.leave()
        this.#status('ended', 'You left the game.')
        return
      case 'LOAD_CODE':
        this.#preview = message.entry
        this.#feed.release()
        if (this.#seat && !this.#stale) this.#startGame(true)
        return
      case 'PLAYER_INPUT':
        this.#input.holdForeign(message.keys)
        return
      case 'STATE_UPDATE':
        this.#feed.show(message.state)
        return
      case 'WATCH':
        this.#watched = { input: message.input, state: message.state }
        return
      case 'PEERS':
        this.#hosted?.peers(message.open)
        this.#peers = message.open.length
        this.#peersMs = message.roundTripMs
        return
      case 'SIGNAL':
        if (this.#signals.take(performance.now()))
          this.#connection.say({ t: 'signal', to: message.player, d: message.data })
        return
      case 'PEER_DATA':
        for (const { from, data } of message.messages) this.#hosted?.heard(from, data)
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
        this.#serverFrame = message.f
        if (this.#hosted) this.#hosted.full(message.s)
        else this.#feed.full(message.s)
        this.#knowHost()
        if (this.#stale) this.#startGame(false)
        this.#tellState()
        return
      case 'delta':
        this.#serverFrame = message.f
        if (this.#hosted) this.#hosted.delta(message.s)
        else this.#feed.delta(message.s, message.d)
        this.#knowHost()
        this.#tellState()
        return
      case 'players':
        this.#players = message.p
        if (!this.#hosted) this.#host = message.host
        this.#hosted?.players(message.p)
        this.#wantPeers()
        this.#post({ type: 'PLAYERS', players: message.p, me: this.#seat?.me.id ?? '' })
        this.#showPlaying()
        this.#tell({ t: 'players', p: message.p, host: this.#host })
        return
      case 'refused':
        if (this.#hosted) {
          if (message.a === 'state') this.#hosted.refused()
          return
        }
        this.#tell(message)
        return
      case 'pong':
        this.#roomMs = Math.max(0, performance.now() - message.n)
        return
      case 'beat':
        return
      case 'signal':
        this.#post({ type: 'SIGNAL', player: message.from, data: message.d })
        return
      case 'msg':
        this.#tell(message)
        return
      case 'build':
        if (this.#seat) this.#seat.client = message.client
        this.#stale = true
        this.#prepare(message.client)
        this.#post({ type: 'BUILD', build: message.client.build })
        return
      case 'error': {
        const count = this.#serverProblems.add(message.e)
        if (count !== undefined) this.#problem('server', message.e, count, undefined)
        return
      }
      case 'end':
        this.#post({ type: 'END', result: message.result })
        this.#tell(message)
        return
      default:
        assertNever(message)
    }
  }

  /** Of a page in the background no frame is drawn: another player had better be host. */
  #tellAway(): void {
    const away = document.visibilityState === 'hidden' || this.#runner.isHalted
    if (!this.#seat || away === this.#away) return
    this.#away = away
    this.#connection.say({ t: 'away', away })
  }

  #welcomed({ room, me, seed, client }: ServerMessage & { t: 'welcome' }): void {
    this.#away = false // a room forgets it with the connection
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
    this.#runner.forget()
    this.#serverProblems.clear()
    this.#notices.clearProblem()
    this.#preview = undefined // what was being tried has been saved, or is older than what was
    this.#stage.use(client)
    this.#sounds.use(client.sounds)
    this.#hosted?.stop()
    this.#hosted = undefined
    if (client.relay)
      this.#hosted = new Hosted(this.#seat!.me.id, client.tickRate, this.#feed, {
        act: (action, data) => this.#connection.act(action, data),
        tellPeers: (data) => this.#post({ type: 'PEER_DATA', data }),
      })
  }

  /** Of a game without server.js, whose host must be the one that goes with the state. */
  #knowHost(): void {
    if (!this.#hosted || this.#hosted.host === this.#host) return
    this.#host = this.#hosted.host
    this.#tell({ t: 'players', p: this.#players, host: this.#host })
    this.#wantPeers()
  }

  /** Tells the page whom to connect to directly, in games that want it. */
  #wantPeers(): void {
    if (!this.#hosted || !this.#seat?.client.peers) return
    const players = this.#players.filter(({ connected }) => connected).map(({ id }) => id)
    this.#post({ type: 'PEERS', me: this.#seat.me.id, host: this.#host, players })
  }

  /** What a game without server.js sets and sends. */
  #said(what: 'state' | 'input', data: Json): string | undefined {
    if (!this.#hosted) return 'this game has a server.js, which keeps its state'
    if (what === 'state') return this.#hosted.set(data)
    this.#hosted.send(data)
    return undefined
  }

  /** `again`: the same build from the start. */
  #startGame(again: boolean): void {
    const { client } = this.#seat!
    const entry = new URL(this.#preview ?? client.entry, document.baseURI).href
    const [buildUrl] = /^.*\/build\/[0-9a-f]{32}\//.exec(entry) ?? [new URL('.', entry).href]
    this.#stale = false
    if (again) {
      this.#runner.forget()
      this.#mended()
    }
    this.#runner.play({ start: () => this.#freshStart(entry), background: client.background, buildUrl: buildUrl! })
  }

  /** What a game that starts now has to know. */
  #freshStart(entry: string): Start {
    const { me, seed, client } = this.#seat!
    this.#feed.settle()
    this.#waiting = []
    const { width, height, sounds, relay } = client
    this.#hosted?.resend()
    const host = this.#host
    const pictures = this.#stage.pictureSizes
    const players = this.#players
    return { entry, me, players, host, relay, state: this.#feed.value, seed, width, height, pictures, sounds }
  }

  #news(): Happening[] {
    const inputs = this.#hosted?.takeInputs()
    const news = [...this.#feed.take(), ...this.#waiting, ...(inputs ? [{ t: 'inputs' as const, inputs }] : [])]
    this.#waiting = []
    return news
  }

  #problem(side: 'client' | 'server', problem: CodeProblem, count: number, code: CodeExcerpt | undefined): void {
    if (count === 1) this.#post({ type: 'ERROR', side, problem, ...(code && { code }) })
    if (!this.#site) this.#notices.problem(side, problem, count, code) // the site draws its own
  }

  /** Tells the room, for the game's creator; not of what this player alone tries. */
  #mistake(problem: CodeProblem): void {
    if (this.#stale || this.#preview !== undefined || !this.#seat) return
    const now = performance.now()
    if (this.#mistakes.take(now) && this.#words.take(now))
      this.#connection.say(problemMessage(this.#seat.client.build, problem))
  }

  /** Whatever was wrong with the game's code is over. */
  #mended(): void {
    this.#notices.clearProblem()
    if (this.#seat) this.#post({ type: 'BUILD', build: this.#seat.client.build })
  }

  #pace({ fps, frameMs, slow }: Pace): void {
    this.#post({
      type: 'STATS',
      fps: Math.round(fps),
      frameMs: Math.round(frameMs * 10) / 10,
      things: this.#stage.count,
      sounds: this.#sounds.count,
      dropped: this.#runner.dropped,
      ignored: this.#site?.ignored ?? 0,
      roomMs: this.#roomMs,
      peersMs: this.#peersMs,
      peers: this.#peers,
    })
    if (slow === this.#slow) return
    this.#slow = slow
    if (slow)
      this.#notices.note('The game runs slowly: less than 10 frames a second. Starting it again may help.', {
        button: { label: 'Reload', press: () => this.#reloadSlow() },
      })
    else this.#notices.clearNote()
  }

  #reloadSlow(): void {
    this.#slow = false
    this.#notices.clearNote()
    this.#runner.reload()
  }

  #tellInput(keys: string[]): void {
    const now = keys.join()
    if (!this.#watched.input || now === this.#keys) return
    this.#keys = now
    this.#post({ type: 'INPUT', frame: this.#serverFrame, keys })
  }

  #tellState(): void {
    if (this.#watched.state && this.#states.take(performance.now()))
      this.#post({ type: 'STATE', frame: this.#serverFrame, state: this.#feed.value })
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
