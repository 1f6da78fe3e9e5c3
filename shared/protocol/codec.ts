// Turns websocket text into checked client messages. Everything a player sends is hostile until it has passed here.
import {
  MAX_CLIENT_MESSAGE_BYTES,
  MAX_NAME_CHARS,
  MAX_PATH_LENGTH,
  MAX_PROBLEM_CHARS,
  MAX_PROBLEM_LINE,
  MAX_SIGNAL_CHARS,
} from '../limits.ts'
import type { ClientMessage, ClientProblem, CodeProblem, Json, ServerMessage } from './messages.ts'

export const PROTOCOL_VERSION = 3
const MAX_ACTION_CHARS = 64
const MAX_KEY_CHARS = 2_000 // a ticket is about 500
const MAX_DEPTH = 16
const BUILD = /^[0-9a-f]{32}$/
const CODE_FILE = /^(?:[\w@+~-][\w@+~. -]*\/)*[\w@+~. -]+\.[cm]?[jt]s$/ // a file of a game that has lines

const isText = (value: unknown, max: number): value is string => typeof value === 'string' && value.length <= max
const optionalText = (value: unknown, max: number): value is string | undefined =>
  value === undefined || isText(value, max)

/** The message, or undefined when it is malformed (SPEC LM2): not JSON, unknown type, wrong field, nested too deep, a `__proto__` key, an infinite number. */
export function decodeClientMessage(text: string): ClientMessage | undefined {
  if (text.length > MAX_CLIENT_MESSAGE_BYTES) return undefined
  let value: Record<string, unknown>
  try {
    value = JSON.parse(text)
  } catch {
    return undefined
  }
  if (typeof value !== 'object' || value === null) return undefined
  switch (value.t) {
    case 'hello': {
      const { v, ticket, resume, name } = value
      if (!Number.isInteger(v)) return undefined
      if (
        !optionalText(ticket, MAX_KEY_CHARS) ||
        !optionalText(resume, MAX_KEY_CHARS) ||
        !optionalText(name, MAX_NAME_CHARS)
      )
        return undefined
      return { t: 'hello', v: v as number, ...(ticket && { ticket }), ...(resume && { resume }), ...(name && { name }) }
    }
    case 'act':
      if (!isText(value.a, MAX_ACTION_CHARS) || !isPlain(value.d, MAX_DEPTH)) return undefined
      return { t: 'act', a: value.a, d: (value.d ?? null) as Json }
    case 'leave':
      return { t: 'leave' }
    case 'ping':
      return Number.isSafeInteger(value.n) ? { t: 'ping', n: value.n as number } : undefined
    case 'away':
      return typeof value.away === 'boolean' ? { t: 'away', away: value.away } : undefined
    case 'signal':
      if (!isText(value.to, MAX_ACTION_CHARS) || !isText(value.d, MAX_SIGNAL_CHARS)) return undefined
      return { t: 'signal', to: value.to, d: value.d }
    case 'problem':
      return readProblem(value)
    default:
      return undefined
  }
}

function readProblem({ build, message, file, line }: Record<string, unknown>): ClientProblem | undefined {
  if (!isText(build, 32) || !BUILD.test(build) || !isText(message, MAX_PROBLEM_CHARS)) return undefined
  if (file !== undefined && !isCodeFile(file)) return undefined
  if (line !== undefined && !isLine(line)) return undefined
  return { t: 'problem', build, message, ...(file !== undefined && { file }), ...(line !== undefined && { line }) }
}
const isCodeFile = (file: unknown): file is string => isText(file, MAX_PATH_LENGTH) && CODE_FILE.test(file)
const isLine = (line: unknown): line is number =>
  Number.isInteger(line) && (line as number) > 0 && (line as number) <= MAX_PROBLEM_LINE

/** What to tell a host of a mistake of the client code of `build`: as much of it as the host takes. */
export function problemMessage(build: string, { message, file, line }: CodeProblem): ClientProblem {
  const told: ClientProblem = { t: 'problem', build, message: message.slice(0, MAX_PROBLEM_CHARS) }
  if (isCodeFile(file)) told.file = file
  if (isCodeFile(file) && isLine(line)) told.line = line
  return told
}

/** JSON.parse makes `__proto__` an own key, and a game that merges such an object would poison itself; 1e999 becomes a number that no JSON can carry on. */
function isPlain(value: unknown, depth: number): boolean {
  if (typeof value === 'number') return Number.isFinite(value)
  if (typeof value !== 'object' || value === null) return true
  if (depth === 0) return false
  if (Array.isArray(value)) return value.every((item) => isPlain(item, depth - 1))
  for (const key in value) {
    if (key === '__proto__' || !isPlain((value as Record<string, unknown>)[key], depth - 1)) return false
  }
  return true
}

/** Whether a host would take this action; one that it does not take costs the player the connection. */
export function isAction(action: string, data: Json): boolean {
  const text = encode({ t: 'act', a: action, d: data })
  return new Blob([text]).size <= MAX_CLIENT_MESSAGE_BYTES && decodeClientMessage(text) !== undefined
}

export const encode = (message: ClientMessage | ServerMessage): string => JSON.stringify(message)
