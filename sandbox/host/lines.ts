// One JSON object a line, in both directions between a game host and its supervisor.
import { MAX_LINK_LINE_CHARS } from '@sandlot/shared/limits.ts'

/** Splits a text stream into JSON values. Once a line is too long, not JSON, or `onValue` throws, `onBad` is called and nothing more is read. */
export function jsonLines(onValue: (value: unknown) => void, onBad: (error: Error) => void): (chunk: string) => void {
  let rest = ''
  let deaf = false
  return (chunk) => {
    if (deaf) return
    rest += chunk
    try {
      for (let end = rest.indexOf('\n'); end !== -1; end = rest.indexOf('\n')) {
        const line = rest.slice(0, end)
        rest = rest.slice(end + 1)
        onValue(JSON.parse(line))
      }
      if (rest.length > MAX_LINK_LINE_CHARS) throw new Error(`a line of more than ${MAX_LINK_LINE_CHARS} characters`)
    } catch (error) {
      deaf = true
      rest = ''
      onBad(error as Error)
    }
  }
}
