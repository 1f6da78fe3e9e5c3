// What guest code needs of arrays, texts and errors, captured before the creator's code can replace any of it.
import { MAX_LOG_CHARS } from '@sandlot/shared/limits.ts'
import { put } from '@sandlot/shared/protocol/canonical.ts'
import type { GuestError } from '../frame.ts'

const { stringify } = JSON
const toText = String
const slice = Function.prototype.call.bind(String.prototype.slice) as (text: string, from: number, to: number) => string
const MAX_MESSAGE_CHARS = 500
const MAX_STACK_CHARS = 2_000

/** Not `push`: that could be replaced, and so could a setter be planted on an index. */
export const append = <T>(list: T[], item: T): void => put(list, list.length, item)

export const cut = (text: string, max: number): string => (text.length > max ? `${slice(text, 0, max - 1)}…` : text)

/** Whatever was thrown, as short texts. Never throws. */
export function describe(thrown: unknown): GuestError {
  try {
    if (typeof thrown !== 'object' || thrown === null)
      return { message: cut(toText(thrown), MAX_MESSAGE_CHARS), stack: '' }
    const { name, message, stack } = thrown as Error
    const text = typeof message === 'string' ? message : 'an object that is not an Error was thrown'
    const prefix = typeof name === 'string' && name !== 'Error' ? `${name}: ` : ''
    return {
      message: cut(prefix + text, MAX_MESSAGE_CHARS),
      stack: typeof stack === 'string' ? cut(stack, MAX_STACK_CHARS) : '',
    }
  } catch {
    return { message: 'a value was thrown that cannot be shown', stack: '' }
  }
}

/** One line for the log. */
export function logLine(values: unknown[]): string {
  let line = ''
  for (let i = 0; i < values.length; i++) {
    const value = values[i]
    line += (i > 0 ? ' ' : '') + (typeof value === 'object' && value !== null ? stringify(value) : toText(value))
  }
  return cut(line, MAX_LOG_CHARS)
}
