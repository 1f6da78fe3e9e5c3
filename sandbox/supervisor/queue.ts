// Reports that the bridge has not taken yet, in order, in an append-only file: a supervisor that is killed loses none.
import {
  appendFileSync,
  closeSync,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import type { Disk } from './disk.ts'
import type { Report } from './report.ts'
import { Shares } from './shares.ts'

const COMPACT_LINES = 10_000 // lines about reports that are done; then the file is written anew
const COMPACT_BYTES = 32 * 1024 * 1024 // the same for what was added to it, so that no game can fill the disk with it
const MAX_REFUSED_BYTES = 10 * 1024 * 1024 // of reports set aside, for the operator to look at

/** `kept`: in the file at `path`. `lost`: that file is full. `later`: it cannot be written now, so the report is the queue's last. */
export type Aside = { type: 'kept'; path: string } | { type: 'lost' } | { type: 'later' }

/**
 * Lines of the file are reports, and `{ "done": KEY }` for a report that the bridge has answered. While the disk takes no more, the lines
 * that it lacks wait in memory: of reports that wait anyway, and of those that it still has.
 */
export class Queue {
  /** What each game has waiting. */
  readonly shares = new Shares()
  #path: string
  #disk: Disk
  #waiting = new Map<string, Report>()
  #unwritten = new Map<string, string>() // lines, by the key of their report
  #bytes = 0 // of the file, up to the end of its last whole line
  #isTorn = false // something follows that is none
  #neatBytes = 0 // of the file when it was written anew
  #doneLines = 0

  constructor(path: string, disk: Disk) {
    this.#path = path
    this.#disk = disk
    const text = read(path)
    this.#bytes = this.#neatBytes = Buffer.byteLength(text.slice(0, text.lastIndexOf('\n') + 1))
    this.#isTorn = text !== '' && !text.endsWith('\n')
    for (const line of text.split('\n')) {
      if (line === '') continue
      const entry = parse(line)
      if (entry && 'input' in entry) this.#take(entry, line.length)
      if (!entry || !('done' in entry)) continue
      this.#doneLines++
      const report = this.#waiting.get(entry.done)
      if (report) this.#drop(report)
    }
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

  has(report: Report): boolean {
    return this.#waiting.get(report.input.key) === report
  }

  add(report: Report): void {
    const line = `${JSON.stringify(report)}\n`
    this.#take(report, line.length)
    this.#unwritten.set(report.input.key, line)
    this.#disk.write(this.#write) // the operating system has it then: our own death does no harm
  }

  /** Nothing, when it does not wait. */
  done(report: Report): void {
    if (!this.has(report)) return
    const { key } = report.input
    this.#drop(report)
    if (!this.#unwritten.delete(key)) this.#unwritten.set(key, `${JSON.stringify({ done: key })}\n`)
    this.#doneLines++
    this.#disk.write(this.#write)
  }

  /** Takes a report out of the queue and into `NAME-refused.jsonl` beside it, unless that cannot be. */
  setAside(report: Report): Aside {
    const path = `${this.#path.replace(/\.jsonl$/, '')}-refused.jsonl`
    const bytes = statSync(path, { throwIfNoEntry: false })?.size ?? 0
    if (bytes < MAX_REFUSED_BYTES)
      try {
        appendFileSync(path, `${JSON.stringify(report)}\n`, { mode: 0o600 })
      } catch {
        if (bytes > 0) truncateSync(path, bytes)
        else rmSync(path, { force: true })
        this.done(report)
        this.add(report)
        return { type: 'later' }
      }
    this.done(report)
    return bytes < MAX_REFUSED_BYTES ? { type: 'kept', path } : { type: 'lost' }
  }

  #take(report: Report, bytes: number): void {
    const before = this.#waiting.get(report.input.key)
    if (before) this.#drop(before)
    this.#waiting.set(report.input.key, report)
    this.shares.add(report, bytes)
  }

  #drop(report: Report): void {
    this.#waiting.delete(report.input.key)
    this.shares.remove(report)
  }

  #write = (): void => {
    if (this.#waiting.size === 0) {
      writeFileSync(this.#path, '', { mode: 0o600 })
      this.#isNeat(0)
    } else if (this.#doneLines >= COMPACT_LINES || this.#bytes - this.#neatBytes >= COMPACT_BYTES) this.#compact()
    else if (this.#unwritten.size > 0) this.#append([...this.#unwritten.values()].join(''))
  }

  #append(lines: string): void {
    if (this.#isTorn) truncateSync(this.#path, this.#bytes)
    this.#isTorn = true
    appendFileSync(this.#path, lines, { mode: 0o600 })
    this.#isTorn = false
    this.#bytes += Buffer.byteLength(lines)
    this.#unwritten.clear()
  }

  /** Where there is no room for both files, the lines that are missing are added to the one there is, if they fit. */
  #compact(): void {
    const lines = [...this.#waiting.values()].map((report) => `${JSON.stringify(report)}\n`).join('')
    const next = `${this.#path}.new`
    try {
      writeFileSync(next, lines, { mode: 0o600 })
      sync(next)
      renameSync(next, this.#path)
    } catch {
      rmSync(next, { force: true })
      this.#neatBytes = this.#bytes // not again soon
      this.#doneLines = 0
      this.#write()
      return
    }
    this.#isNeat(Buffer.byteLength(lines))
  }

  #isNeat(bytes: number): void {
    this.#bytes = this.#neatBytes = bytes
    this.#isTorn = false
    this.#doneLines = 0
    this.#unwritten.clear()
  }
}

function sync(path: string): void {
  const file = openSync(path, 'r')
  try {
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
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
