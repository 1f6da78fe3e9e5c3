// What this node tells the website: in order, each exactly once by its key, patiently while the bridge is away.
import type { bridgeAnswer, reportRoom, storeEntries } from '@sandlot/shared/contract.ts'
import { MAX_STORE_BYTES, MAX_STORE_NAMES } from '@sandlot/shared/limits.ts'
import type { Manifest } from '@sandlot/shared/manifest.ts'
import type { Json } from '@sandlot/shared/protocol/messages.ts'
import { newReportKey } from '@sandlot/shared/random-ids.ts'
import { assertNever } from '@sandlot/shared/reasons.ts'
import type { Logger } from 'pino'
import type { z } from 'zod'
import { retryDelayMs } from './backoff.ts'
import { withinMs } from './patience.ts'
import type { Queue } from './queue.ts'
import { ownerOf, type Report, type StoreReport } from './report.ts'

const RETRY = { firstMs: 200, maxMs: 10_000 }
const LOG_BATCH_MS = 500 // a creator watching the log does not notice
const LOG_BATCH_LINES = 200 // what the door takes at once
const LOG_BATCH_BYTES = 1024 * 1024 // as JSON, which makes six bytes of a control character; the door takes 2 MiB
const PAUSE_MS = 2_000 // of a game that has used up what the bridge takes from it in a minute
const MAX_LATE = 3
const MAX_FAILURES = 20 // of one report that the bridge answers with a failure of its own: over two minutes
const LAST_WORD_MS = 5_000 // for the report of a removed game that is on its way

export type BridgeAnswer = z.infer<typeof bridgeAnswer>
export type StoreEntries = z.infer<typeof storeEntries>
/**
 * `try-again`: the bridge is away. `failed`: it is there and broke over this, or over anything. `too-many`: it wants no more of this
 * game for now. `refused`: it will never take this.
 */
export type Delivery =
  | { type: 'answered'; answer: BridgeAnswer }
  | { type: 'try-again'; why: string }
  | { type: 'failed'; why: string }
  | { type: 'too-many'; why: string }
  | { type: 'refused'; why: string }

/** The way to the bridge; see bridge.ts. Neither verb throws. */
export interface Bridge {
  /** `seq` grows from call to call. */
  deliver(report: Report, seq: number): Promise<Delivery>
  loadStore(game: string): Promise<{ ok: true; entries: StoreEntries } | { ok: false; why: string }>
}

/** Hears, in words for the creator, that something the game wanted to keep is not kept. */
export type OnUnkept = (text: string) => void

type LogLine = { at: number; room: string | null; text: string }

export class Reports {
  #bridge: Bridge
  #queue: Queue
  #log: Logger
  #wake: (() => void) | null = null
  #closed = false
  #running: Promise<void>
  #lines = new Map<string, { lines: LogLine[]; bytes: number; dropped: number }>()
  #onUnkept = new Map<string, OnUnkept>()
  #flush: NodeJS.Timeout
  #lost = new Map<string, number>() // reports of games that have too many waiting, since they began to have
  #inFlight: Report | undefined
  #delivery: Promise<unknown> = Promise.resolve()
  #seq = 0
  /** Until when no report about a game, or about a room, is sent; by performance.now(). Its reports stay in order. */
  #paused = new Map<string, number>()

  constructor(bridge: Bridge, queue: Queue, log: Logger) {
    this.#bridge = bridge
    this.#queue = queue
    this.#log = log
    this.#flush = setInterval(() => this.#flushLogs(), LOG_BATCH_MS)
    this.#running = this.#run()
  }

  build(game: string, build: string, manifest: Manifest): void {
    this.#add({ to: 'builds.report', input: { key: newReportKey(), game, build, manifest } })
  }

  /** `game` null: it is not known any more. */
  room(game: string | null, room: string, event: z.infer<typeof reportRoom>['event']): void {
    this.#add({ to: 'rooms.report', game, input: { key: newReportKey(), room, event } })
  }

  seat(game: string, room: string, player: string, event: 'joined' | 'left'): void {
    this.#add({ to: 'rooms.seat', game, input: { key: newReportKey(), room, player, event } })
  }

  /** A later value for the same name takes the place of one that still waits. */
  store(game: string, name: string, value: Json): void {
    const last = this.#queue.shares.stored(game).get(name)
    const instead = last === this.#inFlight ? undefined : last
    this.#add({ to: 'store.set', input: { key: newReportKey(), game, name, value } }, instead)
  }

  /** Who is told when the bridge refuses what `game` wanted to keep; null: nobody any more, and it goes to the website's log alone. */
  watchStore(game: string, onUnkept: OnUnkept | null): void {
    if (onUnkept) this.#onUnkept.set(game, onUnkept)
    else this.#onUnkept.delete(game)
  }

  log(game: string, line: LogLine): void {
    const batch = this.#lines.get(game) ?? { lines: [], bytes: 0, dropped: 0 }
    this.#lines.set(game, batch)
    const bytes = Buffer.byteLength(JSON.stringify(line))
    if (batch.lines.length < LOG_BATCH_LINES - 1 && batch.bytes + bytes <= LOG_BATCH_BYTES) {
      batch.lines.push(line)
      batch.bytes += bytes
    } else batch.dropped++
  }

  /** What the game has kept: the bridge's word, and on top of it what is still on its way there. */
  async loadStore(game: string): ReturnType<Bridge['loadStore']> {
    const loaded = await this.#bridge.loadStore(game)
    if (!loaded.ok) return loaded
    const entries = new Map(loaded.entries.map(({ name, value }) => [name, value]))
    for (const [name, { input }] of this.#queue.shares.stored(game)) {
      if (input.value === null) entries.delete(name)
      else entries.set(name, input.value)
    }
    return { ok: true, entries: [...entries].map(([name, value]) => ({ name, value })) }
  }

  /**
   * The game is removed: what waits about it is not for the next one of its name. What became of its rooms still goes out, since no other
   * game has them. Resolves when nothing about it is on its way any more.
   */
  async forget(game: string): Promise<void> {
    const drop = () => {
      this.#lines.delete(game)
      this.#lost.delete(game)
      for (const report of [...this.#queue])
        if ('game' in report.input && report.input.game === game) this.#queue.done(report)
    }
    const last = this.#inFlight && ownerOf(this.#inFlight) === game ? this.#delivery : null
    drop()
    if (!last) return
    await withinMs(LAST_WORD_MS, last, undefined)
    drop() // a refusal makes a line of its log
  }

  /** Stops sending. What waits is in the queue's file. */
  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#flush)
    this.#flushLogs()
    this.#closed = true
    this.#wake?.()
    await this.#running
  }

  #flushLogs(): void {
    for (const [game, { lines, dropped }] of this.#lines) {
      if (!this.#closed && this.#paused.has(game)) continue // what comes meanwhile is counted, not kept
      const last = lines.at(-1)!
      if (dropped > 0) lines.push({ at: last.at, room: null, text: `(${dropped} more lines were dropped)` })
      this.#add({ to: 'logs.append', input: { key: newReportKey(), game, lines } })
      this.#lines.delete(game)
    }
  }

  /** `instead`: takes the place of one that waits. */
  #add(report: Report, instead?: Report): void {
    const { shares } = this.#queue
    if (report.to === 'logs.append') this.#dropOldLogs(report.input.game)
    if (!shares.hasRoom(report, instead)) {
      this.#lose(report)
      return
    }
    if (instead) this.#queue.done(instead)
    this.#queue.add(report)
    this.#wake?.()
  }

  #lose(report: Report): void {
    const owner = ownerOf(report)
    const lost = (this.#lost.get(owner) ?? 0) + 1
    this.#lost.set(owner, lost)
    if (lost === 1) this.#log.error({ owner, report }, 'reports are lost: too many of this game wait for the bridge')
    if (report.to === 'store.set') this.#tellUnkept(report, 'too-many')
  }

  #dropOldLogs(game: string): void {
    for (const report of this.#queue.shares.tooOld(game)) {
      if (report === this.#inFlight) continue
      this.#log.warn({ game, lines: report.input.lines.length }, 'log lines dropped')
      this.#queue.done(report)
    }
  }

  /** To be called when a report is done. */
  #recover(report: Report): void {
    const owner = ownerOf(report)
    const lost = this.#lost.get(owner)
    if (lost === undefined || this.#queue.shares.count(owner) > 0) return
    this.#lost.delete(owner)
    this.#log.info({ owner, lost }, 'all that waited of this game is with the bridge')
  }

  async #run(): Promise<void> {
    let failures = 0
    let failed = 0 // of them with an answer, about the report that is first
    let late = 0 // answers in a row that something later has come already
    while (!this.#closed) {
      const report = this.#next()
      this.#inFlight = report
      if (!report) {
        await this.#sleep(this.#paused.size > 0 ? PAUSE_MS / 4 : undefined)
        continue
      }
      this.#seq = Math.max(this.#seq + 1, Date.now())
      const delivering = this.#bridge.deliver(report, this.#seq)
      this.#delivery = delivering
      const delivery = await delivering
      if (delivery.type === 'too-many') {
        if (!this.#paused.has(subject(report))) this.#log.warn({ about: subject(report) }, delivery.why)
        this.#paused.set(subject(report), performance.now() + PAUSE_MS)
        continue
      }
      if (delivery.type === 'answered' && isOutOfOrder(delivery.answer) && late++ < MAX_LATE) {
        this.#seq = Math.max(this.#seq, delivery.answer.last) // our clock was set back, or an earlier supervisor's was ahead
        continue
      }
      late = 0
      if (!this.#queue.has(report)) continue // its game was removed meanwhile
      if (delivery.type === 'failed' && ++failed >= MAX_FAILURES) {
        failures = failed = 0
        this.#setAside(report, delivery.why)
        continue
      }
      if (delivery.type === 'try-again' || delivery.type === 'failed') {
        if (failures++ === 0) this.#log.warn({ waiting: this.#queue.size }, `bridge away or broken: ${delivery.why}`)
        if (!this.#closed) await this.#sleep(Math.max(RETRY.firstMs, retryDelayMs(RETRY, failures)))
        continue
      }
      if (failures > 0) this.#log.info({ waiting: this.#queue.size }, 'bridge back')
      failures = failed = 0
      this.#queue.done(report)
      this.#recover(report)
      const why = delivery.type === 'refused' ? delivery.why : delivery.answer.ok ? null : delivery.answer.reason
      if (!why) continue
      this.#log.error({ report }, `the bridge refused a report: ${why}`)
      if (report.to === 'store.set') this.#tellUnkept(report, why)
    }
  }

  /** The oldest report whose game or room is not paused. */
  #next(): Report | undefined {
    const now = performance.now()
    for (const [about, until] of this.#paused) if (until <= now) this.#paused.delete(about)
    if (this.#paused.size === 0) return this.#queue.first
    for (const report of this.#queue) if (!this.#paused.has(subject(report))) return report
    return undefined
  }

  #tellUnkept({ input: { game, name } }: StoreReport, why: string): void {
    const text = `room.store: what was set as ${JSON.stringify(name)} is not kept: ${unkept(why)}`
    const onUnkept = this.#onUnkept.get(game)
    if (onUnkept) onUnkept(text)
    else this.log(game, { at: Date.now(), room: null, text })
  }

  /** One report that the bridge cannot digest must not hold up those of all games. */
  #setAside(report: Report, why: string): void {
    const aside = this.#queue.setAside(report)
    const text = `the bridge failed ${MAX_FAILURES} times over a report (${why})`
    switch (aside.type) {
      case 'kept':
        this.#log.error({ report }, `${text}: it is kept in ${aside.path}`)
        return
      case 'lost':
        this.#log.error({ report }, `${text}: it is lost, because the file of such reports is full`)
        return
      case 'later':
        this.#log.error({ report }, `${text}: it is tried again after the others`)
        return
      default:
        assertNever(aside)
    }
  }

  /** Until there is something new, or `ms` later; a retry is not hurried by new reports. */
  #sleep(ms?: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = ms === undefined ? undefined : setTimeout(resolve, ms)
      this.#wake = () => {
        if (timer && !this.#closed) return
        clearTimeout(timer)
        resolve()
      }
    })
  }
}

function unkept(why: string): string {
  switch (why) {
    case 'over-quota':
      return `all rooms of the game together keep at most ${MAX_STORE_BYTES / 1024} KiB under ${MAX_STORE_NAMES} names. Set something else to null first, or keep less.`
    case 'too-many':
      return 'very much of what this game has set before is still on its way to the website. Set less, or less often.'
    case 'not-yours':
      return 'the website has taken this game off this machine. Reload the page of the game and play on from there.'
    default:
      return 'the website cannot hold this value. Set a simpler one.'
  }
}

/** Whom a pause concerns: the game, or the room where a report names no game. */
function subject({ input }: Report): string {
  return 'game' in input ? input.game : input.room
}

function isOutOfOrder(answer: BridgeAnswer): answer is Extract<BridgeAnswer, { reason: 'out-of-order' }> {
  return !answer.ok && answer.reason === 'out-of-order'
}
