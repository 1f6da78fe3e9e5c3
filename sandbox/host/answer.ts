// Reads what came out of an isolate. Our guest code wrote it, but in a realm that hostile code shares: nothing of its shape is taken on trust.
import {
  MAX_FAULTS_PER_FRAME,
  MAX_LOG_CHARS,
  MAX_LOG_LINES_PER_FRAME,
  MAX_STORE_KEY_CHARS,
} from '@sandlot/shared/limits.ts'
import type { Json } from '@sandlot/shared/protocol/messages.ts'
import type { FrameHeader, GuestError, Started } from './frame.ts'
import { IsolateError } from './isolate.ts'

const MAX_ERROR_CHARS = 4_000
const isText = (value: unknown, max: number): value is string => typeof value === 'string' && value.length <= max
const isList = <T>(value: unknown, max: number, isItem: (item: unknown) => item is T): value is T[] =>
  Array.isArray(value) && value.length <= max && value.every(isItem)
const isLog = (value: unknown): value is string => isText(value, MAX_LOG_CHARS)
const isId = (value: unknown): value is string => isText(value, 64)
const isOut = (value: unknown): value is [number, string[] | null, boolean] =>
  Array.isArray(value) &&
  Number.isInteger(value[0]) &&
  value[0] >= 0 &&
  (value[1] === null || isList(value[1], 1_000, isId)) &&
  typeof value[2] === 'boolean'
const isEntry = (value: unknown): value is [string, Json] =>
  Array.isArray(value) && isText(value[0], MAX_STORE_KEY_CHARS)
const isError = (value: unknown): value is GuestError | null =>
  value === null || (isRecord(value) && isText(value.message, MAX_ERROR_CHARS) && isText(value.stack, MAX_ERROR_CHARS))
const isFault = (value: unknown): value is GuestError => value !== null && isError(value)
const LIMITS = ['stateBytes', 'frameOutputBytes', 'frameMessages', 'storeBytes']
const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0
const isOver = (value: unknown): boolean =>
  isRecord(value) && Object.entries(value).every(([name, times]) => LIMITS.includes(name) && isCount(times))
const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null

function parse(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text)
    if (isRecord(value)) return value
  } catch {
    // said below
  }
  return tampered()
}

/** The answer cannot be from our guest code. */
export function tampered(): never {
  throw new IsolateError('code', { message: 'server.js changed built-in objects in a way that a room cannot run with' })
}

/** The header line of a frame's answer. Throws IsolateError, as all of these do. */
export function readHeader(answer: string): FrameHeader {
  const header = parse(answer.slice(0, answer.indexOf('\n')))
  const { frame, out, logs, problem, faults, store, end, changed, sent, over } = header
  const isGood =
    Number.isInteger(frame) &&
    isList(out, 100_000, isOut) &&
    isList(logs, MAX_LOG_LINES_PER_FRAME, isLog) &&
    isError(problem) &&
    isList(faults, MAX_FAULTS_PER_FRAME, isFault) &&
    isList(store, 1_000, isEntry) &&
    (end === null || isRecord(end)) &&
    typeof changed === 'boolean' &&
    isCount(sent) &&
    isOver(over)
  return isGood ? (header as unknown as FrameHeader) : tampered()
}

const SHORT_HEADER = /^(\d{1,15}) (\d{1,9})\n/

/** The short form of that line: the frame's number, and how long the one state is that follows it; undefined: it has the long form. */
export function readShortHeader(answer: string): { frame: number; length: number } | undefined {
  const short = SHORT_HEADER.exec(answer)
  return short ? { frame: Number(short[1]), length: Number(short[2]) } : undefined
}

export function readStarted(answer: string): Started {
  const started = parse(answer)
  const { ticks, logs, problem } = started
  const isGood = typeof ticks === 'boolean' && isList(logs, MAX_LOG_LINES_PER_FRAME, isLog) && isError(problem)
  return isGood ? (started as unknown as Started) : tampered()
}

/** The outcome of a trial. */
export function readProblem(answer: string): GuestError | null {
  const { problem } = parse(`{"problem":${answer}}`)
  return isError(problem) ? problem : tampered()
}
