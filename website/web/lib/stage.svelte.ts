// The game's iframe, seen from the site: the only code that listens to it or talks to it.

import { Bucket } from '@sandlot/shared/bucket.ts'
import type {
  CodeExcerpt,
  CodeProblem,
  Json,
  PageToRuntime,
  RuntimeToPage,
  SeatedPlayer,
} from '@sandlot/shared/protocol/messages.ts'
import { PAGE_MESSAGE_BURST, PAGE_MESSAGES_PER_SECOND, readRuntimeMessage } from '@sandlot/shared/protocol/page.ts'
import { Restarts } from '@sandlot/shared/restarts.ts'
import { Silence } from '@sandlot/shared/silence.ts'
import { isReady } from './messages.ts'
import { Peers } from './peers.ts'

const READY_TIMEOUT_MS = 20_000 // a phone on a slow network needs about 10 s for the runtime and Phaser
const TICKET_FRESH_MS = 50_000 // tickets are good for 60 s; an older one may expire on its way
const MIN_TICKET_GAP_MS = 1_000 // a hostile runtime that asks for tickets all the time costs us one request a second
const LOST_MS = 10_000 // a host that restarts is back sooner; after that the website may know that there is nothing to come back to
const LEAVE_GRACE_MS = 300 // one message to the runtime and one to its host; after that the seat is merely held
const MAX_LOG_LINES = 200
const CHECK_MS = 2_000
const FROZEN_MS = 5_000 // no HEARTBEAT for so long: the whole iframe hangs or is gone, and its own watchdog with it
const RESTART_PAUSES_MS = [1_000, 5_000, 15_000] // a machine that has too little memory has more of it later

export type StageStatus =
  | 'loading'
  | 'connecting'
  | 'playing'
  | 'reconnecting'
  | 'restarting'
  | 'ended'
  | 'refused'
  | 'silent'
export interface StageError {
  side: 'client' | 'server'
  problem: CodeProblem
  /** The lines around it, if the runtime could read them. */
  code: CodeExcerpt | undefined
  /** How often in a row this same error came. */
  count: number
}
export type RuntimeStats = Omit<Extract<RuntimeToPage, { type: 'STATS' }>, 'type'>
/** The window whose messages count, as much of it as the stage needs. */
export interface Frame {
  contentWindow: unknown
}
export interface StageOptions {
  ticket: string
  /** A new ticket for the same seat, or a sentence why there is none; `final` unless asking again may help. */
  newTicket: () => Promise<{ ok: true; ticket: string } | { ok: false; text: string; final: boolean }>
  /** The operator's servers that help browsers to find each other. Asked for once, by a game that wants direct connections. */
  iceServers?: () => Promise<RTCIceServer[]>
}

/**
 * loading: the iframe has not said READY yet. silent: it did not within 20 s, it still may; or it froze, once too often.
 * connecting, playing, reconnecting: as the runtime says. restarting: it froze and is gone; in a moment a new one is `loading`, for the same seat.
 * ended, refused: no more play in this room; `text` says why.
 */
export class Stage {
  #options: StageOptions
  #ticket: { value: string; at: number } | undefined
  #ticketAt = -MIN_TICKET_GAP_MS
  #asking = false
  #frame: Frame | undefined
  #port: MessagePort | undefined
  #timer: ReturnType<typeof setTimeout> | undefined
  #lost: ReturnType<typeof setTimeout> | undefined
  #left: (() => void) | undefined
  #ignored = 0
  #allowance = new Bucket(PAGE_MESSAGES_PER_SECOND, PAGE_MESSAGE_BURST)
  #peers: Peers | undefined
  #watchdog: ReturnType<typeof setInterval> | undefined
  #silence = new Silence({ maxMs: FROZEN_MS, maxStepMs: CHECK_MS })
  #restarts = new Restarts(RESTART_PAUSES_MS)
  /** What it was before it froze once too often. */
  #frozen: { status: StageStatus; text: string } | undefined

  #opened = 1
  #frameId = $state<number | null>(1)
  #status = $state<StageStatus>('loading')
  #text = $state('Loading the game')
  #title = $state<string | null>(null)
  #size = $state.raw({ width: 800, height: 600 })
  #players = $state.raw<SeatedPlayer[]>([])
  #me = $state('')
  #error = $state.raw<StageError | null>(null)
  #log = $state.raw<string[]>([])
  #build = $state<string | null>(null)
  #stats = $state.raw<RuntimeStats | null>(null)
  #result = $state.raw<{ value: Json } | null>(null)

  constructor(options: StageOptions) {
    this.#options = options
    this.#ticket = { value: options.ticket, at: Date.now() }
  }

  /** Each number is an iframe of its own, which is to be on the page from the moment it is named here until it is not. */
  get frameId() {
    return this.#frameId
  }
  get status() {
    return this.#status
  }
  /** A sentence for the player about the status. */
  get text() {
    return this.#text
  }
  get title() {
    return this.#title
  }
  /** The game's own coordinate system in pixels: its shape on the page. */
  get size() {
    return this.#size
  }
  get players() {
    return this.#players
  }
  get me() {
    return this.#me
  }
  get error() {
    return this.#error
  }
  get log() {
    return this.#log
  }
  /** How the game runs, once a second. */
  get stats() {
    return this.#stats
  }
  get build() {
    return this.#build
  }
  /** What the game said when it ended, null while it has not. */
  get result() {
    return this.#result
  }
  /** Messages dropped because they were unknown, malformed or from elsewhere on the iframe's behalf. */
  get ignored() {
    return this.#ignored
  }

  /** Starts listening to `frame`; returns how to stop. */
  attach(frame: Frame, page: Pick<EventTarget, 'addEventListener' | 'removeEventListener'> = window): () => void {
    this.#frame = frame
    const hear = (event: Event) => this.#hear(event as MessageEvent)
    page.addEventListener('message', hear)
    this.#timer = setTimeout(() => {
      if (this.#status === 'loading') this.#say('silent', 'The game does not answer. Reload it, or try again later.')
    }, READY_TIMEOUT_MS)
    this.#watchdog = setInterval(() => this.#watch(), CHECK_MS)
    return () => {
      clearInterval(this.#watchdog)
      page.removeEventListener('message', hear)
      clearTimeout(this.#timer)
      clearTimeout(this.#lost)
      this.#hangUp()
    }
  }

  /** Gives the seat back; resolves when the runtime has said so or had its time. Removing the iframe at once would only drop the socket. */
  leave(): Promise<void> {
    this.#send({ type: 'LEAVE' })
    return new Promise((resolve) => {
      this.#left = resolve
      setTimeout(resolve, this.#port ? LEAVE_GRACE_MS : 0)
    })
  }
  /** Starts the game's code anew, in the same seat. */
  reload(): void {
    this.#error = null
    this.#send({ type: 'LOAD_CODE' })
  }
  /** Hides the error and lets the game go on. */
  resume(): void {
    this.#error = null
    this.#send({ type: 'RESUME' })
  }

  #hear(event: MessageEvent): void {
    if (event.source === null || event.source !== this.#frame?.contentWindow) return // not about us
    if (!isReady(event)) {
      this.#ignored++
      return
    }
    // again when the iframe's document was loaded anew: the old port leads nowhere
    this.#port?.close()
    this.#port = event.ports[0]!
    this.#port.onmessage = (message) => {
      // The data of a message that is one too many is not even unpacked.
      if (this.#allowance.take(performance.now())) this.#receive(message.data)
      else this.#ignored++
    }
    this.#peers?.close()
    this.#peers = undefined
    this.#silence.heard(performance.now())
    this.#frozen = undefined
    this.#error = null
    this.#say('connecting', 'Connecting')
    void this.#sendTicket()
  }

  #receive(data: unknown): void {
    const message = readRuntimeMessage(data)
    if (message) this.#take(message)
    else this.#ignored++
  }

  #take(message: RuntimeToPage): void {
    switch (message.type) {
      case 'STATUS':
        this.#say(message.status, message.text)
        return
      case 'PLAYERS':
        this.#players = message.players
        this.#me = message.me
        return
      case 'TITLE':
        this.#title = message.title
        this.#size = { width: message.width, height: message.height }
        return
      case 'ERROR':
        this.#fail(message.side, message.problem, message.code)
        return
      case 'LOG':
        this.#log = [...this.#log, message.text].slice(-MAX_LOG_LINES)
        return
      case 'BUILD':
        this.#build = message.build
        this.#error = null // new code: the error was in the old one
        return
      case 'END':
        this.#result = { value: message.result }
        this.#say('ended', 'The game is over.')
        return
      case 'TICKET_NEEDED':
        void this.#sendTicket()
        return
      case 'HEARTBEAT':
        this.#beat()
        return
      case 'STATS': {
        const { type: _, ...stats } = message
        this.#stats = stats
        return
      }
      case 'PEERS':
        this.#peers ??= new Peers((said) => this.#send(said), this.#options.iceServers?.() ?? Promise.resolve([]))
        this.#peers.want(message)
        return
      case 'SIGNAL':
        void this.#peers?.signal(message.player, message.data)
        return
      case 'PEER_DATA':
        this.#peers?.send(message.data)
        return
      case 'INPUT':
      case 'STATE':
        return // nobody here has asked for them with WATCH yet
      default:
        message satisfies never
    }
  }

  #beat(): void {
    this.#silence.heard(performance.now())
    if (!this.#frozen) return
    const { status, text } = this.#frozen // it only took long
    this.#frozen = undefined
    this.#say(status, text)
  }

  /** Nobody beats in a page that sleeps in the background. */
  #watch(): void {
    const nowMs = performance.now()
    const isOver = this.#status === 'ended' || this.#status === 'refused'
    if (!this.#port || isOver || this.#frozen || document.visibilityState === 'hidden') this.#silence.heard(nowMs)
    else if (this.#silence.looked(nowMs)) this.#freeze(nowMs)
  }

  /** The iframe is taken away, which ends all it does, and comes again in the same seat: a few times, later each time. */
  #freeze(nowMs: number): void {
    const which = this.#restarts.frozen(nowMs, () => this.#open())
    if (which === undefined) {
      this.#frozen = { status: this.#status, text: this.#text }
      this.#say('silent', 'The game froze each time it was loaded. Reload it to go on in the same seat.')
      return
    }
    this.#hangUp()
    this.#frameId = null
    this.#error = null
    this.#say('restarting', `The game froze. It is loaded again (${which}).`)
  }

  #open(): void {
    this.#frameId = ++this.#opened
    this.#say('loading', 'Loading the game')
  }

  #hangUp(): void {
    this.#port?.close()
    this.#port = undefined
    this.#peers?.close()
  }

  #say(status: StageStatus, text: string): void {
    if (this.#result && status !== 'ended') return // an ended room stays ended, whatever its socket does
    if (status !== 'reconnecting') clearTimeout(this.#lost)
    else if (this.#status !== 'reconnecting') this.#lost = setTimeout(() => this.#askWhy(), LOST_MS) // once, not for every try
    this.#status = status
    this.#text = text
    if (status === 'ended' || status === 'refused') this.#left?.()
  }

  /** The socket stays lost: if the website has no seat for us any more, the player should hear so and not wait. */
  async #askWhy(): Promise<void> {
    const answer = await this.#options.newTicket()
    if (this.#status !== 'reconnecting') return
    if (!answer.ok && answer.final) this.#refuse(answer.text)
    else this.#lost = setTimeout(() => this.#askWhy(), LOST_MS)
  }

  /** There is no seat: whatever the runtime still tries, the player has read why. */
  #refuse(text: string): void {
    this.#hangUp()
    this.#say('refused', text)
  }

  #fail(side: StageError['side'], problem: CodeProblem, code: CodeExcerpt | undefined): void {
    const last = this.#error
    const same = last?.problem.message === problem.message && last.problem.line === problem.line
    this.#error = { side, problem, code, count: same ? last.count + 1 : 1 }
  }

  /** Hands over the first ticket while it is fresh, else asks for a new one; one request at a time. */
  async #sendTicket(): Promise<void> {
    const first = this.#ticket
    this.#ticket = undefined
    if (first && Date.now() - first.at < TICKET_FRESH_MS) return this.#send({ type: 'TICKET', ticket: first.value })
    if (this.#asking || this.#result) return
    this.#asking = true
    const wait = this.#ticketAt + MIN_TICKET_GAP_MS - Date.now()
    if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait))
    this.#ticketAt = Date.now()
    const answer = await this.#options.newTicket()
    this.#asking = false
    if (answer.ok) this.#send({ type: 'TICKET', ticket: answer.ticket })
    else this.#refuse(answer.text)
  }

  #send(message: PageToRuntime): void {
    this.#port?.postMessage(message)
  }
}
