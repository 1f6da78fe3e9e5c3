// Small deeds in a plain text box: two spaces for Tab, and jumping to a line.

/** What is in the box after Tab: two spaces in place of the selection, and where the caret stands. */
export function indent(text: string, start: number, end: number): { text: string; caret: number } {
  return { text: `${text.slice(0, start)}  ${text.slice(end)}`, caret: start + 2 }
}

/** Start and end of a line, counted from 1. A line past the end is the last one. */
export function lineRange(text: string, line: number): { start: number; end: number } {
  let start = 0
  for (let passed = 1; passed < line; passed++) {
    const next = text.indexOf('\n', start)
    if (next === -1) break
    start = next + 1
  }
  const end = text.indexOf('\n', start)
  return { start, end: end === -1 ? text.length : end }
}

export const lineCount = (text: string): number => text.split('\n').length
