// Where a problem of the build stands in a text.
import type { Text } from '@codemirror/state'

/** The part of `doc` that a problem is about: the word at its column, else its line. Places outside are moved inside. */
export function rangeOf(
  doc: Text,
  { line = 1, column }: { line?: number | undefined; column?: number | undefined },
): { from: number; to: number } {
  const { from, to, text } = doc.line(Math.min(Math.max(line, 1), doc.lines))
  const indented = from + text.length - text.trimStart().length
  if (column === undefined) return { from: indented < to ? indented : from, to }
  const start = Math.min(from + Math.max(column, 1) - 1, to)
  const word = /^(?:[\w$]+|[^\w\s$])/.exec(text.slice(start - from))
  if (word) return { from: start, to: start + word[0].length }
  return { from: start > from ? start - 1 : start, to: start < to ? start + 1 : to } // behind the last sign of the line
}
