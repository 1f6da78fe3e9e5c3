// Places in a build's client files as places in what the creator wrote: guards have moved columns there, never lines.
import { type SourceMapInput, TraceMap, traceSegment } from '@jridgewell/trace-mapping'
import type { WorkerError } from './frame.ts'

const FETCH_TIMEOUT_MS = 2_000 // an error is told with the column of the guarded code then
const MAX_MAPS = 100 // the worker names the files, and it is hostile
const MAX_STACK = 8_000
const PLACE = /^([^\s:?#]+\.[cm]?[jt]s):(\d+):(\d+)/

export class SourceMaps {
  readonly #buildUrl: string
  readonly #maps = new Map<string, Promise<TraceMap | undefined>>()

  /** Each map is fetched from beside its file below `buildUrl` when it is first needed. */
  constructor(buildUrl: string) {
    this.#buildUrl = buildUrl
  }

  /** The error with the creator's own columns in its stack. Never rejects: a place whose map cannot be had stays as it is. */
  async original(error: WorkerError): Promise<WorkerError> {
    const [first, ...rest] = error.stack.slice(0, MAX_STACK).split(this.#buildUrl)
    const mapped = await Promise.all(rest.map((text) => this.#place(text)))
    return { ...error, stack: [first, ...mapped].join(this.#buildUrl) }
  }

  async #place(text: string): Promise<string> {
    const [all, file, line, column] = PLACE.exec(text) ?? []
    if (all === undefined) return text
    const map = await this.#map(file!)
    return `${file}:${line}:${originalColumn(map, Number(line), Number(column))}${text.slice(all.length)}`
  }

  #map(file: string): Promise<TraceMap | undefined> {
    let map = this.#maps.get(file)
    if (!map && this.#maps.size < MAX_MAPS) {
      map = this.#fetch(file).catch(() => undefined)
      this.#maps.set(file, map)
    }
    return map ?? Promise.resolve(undefined)
  }

  async #fetch(file: string): Promise<TraceMap | undefined> {
    const response = await fetch(`${this.#buildUrl}${file}.map`, { signal: AbortSignal.timeout(FETCH_TIMEOUT_MS) })
    return response.ok ? new TraceMap((await response.json()) as SourceMapInput) : undefined
  }
}

/** Columns count from 1. What lies between two mapped places was copied as it is. */
function originalColumn(map: TraceMap | undefined, line: number, column: number): number {
  const segment = map && line > 0 && column > 0 ? traceSegment(map, line - 1, column - 1) : null
  if (!segment || segment.length === 1) return column
  return segment[3] + (column - segment[0])
}
