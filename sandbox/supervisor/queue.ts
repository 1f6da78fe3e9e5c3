// Reports that the bridge has not taken yet, in order, in an append-only file: a supervisor that is killed loses none.
import {
  appendFileSync,
  closeSync,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import type { appendLog, reportBuild, reportRoom, reportSeat, storeSet } from '@sandlot/shared/contract.ts'
import type { z } from 'zod'

/** A report and the bridge's procedure that takes it. Its `seq` is given when it is sent. */
export type Report =
  | { to: 'builds.report'; input: Unsent<typeof reportBuild> }
  | { to: 'rooms.report'; input: Unsent<typeof reportRoom> }
  | { to: 'rooms.seat'; input: Unsent<typeof reportSeat> }
  | { to: 'store.set'; input: Unsent<typeof storeSet> }
  | { to: 'logs.append'; input: Unsent<typeof appendLog> }
type Unsent<Schema extends z.ZodType> = Omit<z.input<Schema>, 'seq'>

const COMPACT_LINES = 10_000 // lines about reports that are done; then the file is written anew
const COMPACT_BYTES = 32 * 1024 * 1024 // the same for what was added to it, so that no game can fill the disk with it
const MAX_REFUSED_BYTES = 10 * 1024 * 1024 // of reports set aside, for the operator to look at

/** Lines of the file are reports, and `{ "done": KEY }` for a report that the bridge has answered. */
export class Queue {
  #path: string
  #waiting = new Map<string, Report>()
  #doneLines = 0
  #added = 0 // bytes since the file was written anew

  constructor(path: string) {
    this.#path = path
    const text = read(path)
    let isNeat = text.endsWith('\n') // not torn, and there
    for (const line of text.split('\n')) {
      if (line === '') continue
      const entry = parse(line)
      if (entry && 'input' in entry) this.#waiting.set(entry.input.key, entry)
      else isNeat = false
      if (entry && 'done' in entry) this.#waiting.delete(entry.done)
    }
    if (!isNeat) this.#compact() // which waits for the disk, and that may have much to write
  }

  get size(): number {
    return this.#waiting.size
  }

  /** The oldest. */
  get first(): Report | undefined {
    for (const report of this.#waiting.values()) return report
    return undefined
  }

  *[Symbol.iterator](): Iterator<Report> {
    yield* this.#waiting.values()
  }

  add(report: Report): void {
    this.#waiting.set(report.input.key, report)
    this.#append(report) // the operating system has it now: our own death does no harm
  }

  done(report: Report): void {
    this.#waiting.delete(report.input.key)
    this.#append({ done: report.input.key })
    const isLong = ++this.#doneLines >= COMPACT_LINES || this.#added >= COMPACT_BYTES
    if (isLong || this.#waiting.size === 0) this.#compact()
  }

  /** Takes a report out of the queue and into `NAME-refused.jsonl` beside it; returns that path, or null when that file is full. */
  setAside(report: Report): string | null {
    const path = `${this.#path.replace(/\.jsonl$/, '')}-refused.jsonl`
    const full = (statSync(path, { throwIfNoEntry: false })?.size ?? 0) >= MAX_REFUSED_BYTES
    if (!full) appendFileSync(path, `${JSON.stringify(report)}\n`, { mode: 0o600 })
    this.done(report)
    return full ? null : path
  }

  #append(entry: Report | { done: string }): void {
    const line = Buffer.from(`${JSON.stringify(entry)}\n`)
    this.#added += line.length
    appendFileSync(this.#path, line, { mode: 0o600 })
  }

  #compact(): void {
    const lines = [...this.#waiting.values()].map((report) => `${JSON.stringify(report)}\n`)
    const next = `${this.#path}.new`
    writeFileSync(next, lines.join(''), { mode: 0o600 })
    if (lines.length > 0) sync(next)
    renameSync(next, this.#path)
    this.#doneLines = 0
    this.#added = 0
  }
}

function sync(path: string): void {
  const file = openSync(path, 'r')
  fsyncSync(file)
  closeSync(file)
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return ''
    throw error
  }
}

/** The file is ours alone; only its last line can be torn, by a crash while it was written. */
function parse(line: string): Report | { done: string } | undefined {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}
