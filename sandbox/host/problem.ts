// Turns a thrown error's text into what a creator needs: the sentence, and the place in the creator's own file.
import type { CodeProblem } from '@sandlot/shared/protocol/messages.ts'

const FRAME = /(?:\(|at |^)((?:[\w@+~-][\w@+~. -]*\/)*[\w@+~. -]+\.(?:js|ts|mjs|mts)):(\d+)(?::(\d+))?\)?$/
const SYNTAX = /\s*\[((?:[\w@+~-][\w@+~. -]*\/)*[\w@+~. -]+\.(?:js|ts|mjs|mts)):(\d+):(\d+)\]$/ // how isolated-vm marks a syntax error

const place = (match: RegExpExecArray): Pick<CodeProblem, 'file' | 'line' | 'column'> => ({
  file: match[1]!,
  line: Number(match[2]),
  ...(match[3] !== undefined && { column: Number(match[3]) }),
})

/** `stack` as V8 writes it. Lines about our own code are left out, so that a creator reads only their own. */
export function problemFrom(message: string, stack: string): CodeProblem {
  const syntax = SYNTAX.exec(message)
  if (syntax) return { message: message.slice(0, syntax.index), ...place(syntax) }
  const own: string[] = []
  let first: RegExpExecArray | null = null
  for (const line of stack.split('\n')) {
    const text = line.trim()
    const match = text.startsWith('at ') && !text.includes('sandlot:') ? FRAME.exec(text) : null
    if (!match) continue
    first ??= match
    own.push(text)
  }
  return { message, ...(first && place(first)), ...(own.length > 0 && { stack: own.join('\n') }) }
}

/** One line for a terminal or log: `server.js:3:9 TypeError: …`. */
export function describe({ message, file, line, column }: CodeProblem): string {
  if (file === undefined || (line === undefined && message.startsWith(file))) return message
  return `${[file, line, column].filter((part) => part !== undefined).join(':')} ${message}`
}
