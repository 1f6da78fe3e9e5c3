// Turns a thrown error's text into what a creator needs: the sentence, and the place in the creator's own file.
import { MAX_PATH_LENGTH } from '@sandlot/shared/limits.ts'
import type { CodeProblem } from '@sandlot/shared/protocol/messages.ts'

const FRAME = /(?:\(|at |^)((?:[\w@+~-][\w@+~. -]*\/)*[\w@+~. -]+\.(?:js|ts|mjs|mts)):(\d{1,7})(?::(\d{1,7}))?\)?$/
const SYNTAX = /\s*\[((?:[\w@+~-][\w@+~. -]*\/)*[\w@+~. -]+\.(?:js|ts|mjs|mts)):(\d{1,7}):(\d{1,7})\]$/ // how isolated-vm marks a syntax error

// The text may be a hostile game's: it is cut before it is searched, and the numbers in it are ones that lines have.
const MAX_MESSAGE_CHARS = 1_000
const MAX_STACK_CHARS = 3_000
const MAX_MARK_CHARS = 300 // of a syntax error's place, at the end of its message

const place = (match: RegExpExecArray): Pick<CodeProblem, 'file' | 'line' | 'column'> => ({
  file: match[1]!,
  line: Number(match[2]),
  ...(match[3] !== undefined && { column: Number(match[3]) }),
})

/** `stack` as V8 writes it. Lines about our own code are left out, so that a creator reads only their own. */
export function problemFrom(text: string, stackText: string): CodeProblem {
  const syntax = SYNTAX.exec(text.slice(-MAX_MARK_CHARS))
  if (syntax) return { message: cut(text.slice(0, text.length - syntax[0].length)), ...place(syntax) }
  const message = cut(text)
  const stack = stackText.slice(0, MAX_STACK_CHARS)
  const own: string[] = []
  let first: RegExpExecArray | null = null
  for (const line of stack.split('\n')) {
    const text = line.trim()
    const match = text.startsWith('at ') && !text.includes('sandlot:') ? FRAME.exec(text) : null
    if (!match || match[1]!.length > MAX_PATH_LENGTH) continue
    first ??= match
    own.push(text)
  }
  return { message, ...(first && place(first)), ...(own.length > 0 && { stack: own.join('\n') }) }
}

const cut = (text: string): string =>
  text.length > MAX_MESSAGE_CHARS ? `${text.slice(0, MAX_MESSAGE_CHARS - 1)}…` : text

/** One line for a terminal or log: `server.js:3:9 TypeError: …`. */
export function describe({ message, file, line, column }: CodeProblem): string {
  if (file === undefined || (line === undefined && message.startsWith(file))) return message
  return `${[file, line, column].filter((part) => part !== undefined).join(':')} ${message}`
}
