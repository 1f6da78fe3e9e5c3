// Text put into a source, and the map that leads back. Nothing is taken away and no line is added, so lines stay what they are.
import { encode, type SourceMapSegment } from '@jridgewell/sourcemap-codec'
import type { Lines } from './lines.ts'

export interface Edit {
  at: number
  text: string
  /** It ends something that begins before `at`: it comes before what begins at the same offset, the innermost end first. */
  closes?: boolean
  /** Where `text` leads to in the source, and the index in it that an engine names in a stack. */
  from: number
  named?: number
}

/** A source map, as JSON. */
export interface SourceMap {
  version: 3
  sources: [string]
  sourcesContent: [string]
  names: []
  mappings: string
}

const TOKEN = /\r\n?|[\n\u2028\u2029]|[\w$]+|[^\w$\s]+/g
const ROW = /\r\n?|[\n\u2028\u2029]|[^\r\n\u2028\u2029]+/g
const MAX_WORDS_CHARS = 200_000 // a longer source is a library: its map leads to the right place all the same, but not each of its words does
const LINE_END = /^[\r\n\u2028\u2029]/

/** `edits` in the order of what they belong to, outer before inner. `original`: what the creator wrote, of the same lines and columns. */
export function applyEdits(
  source: string,
  edits: readonly Edit[],
  { name, original, lines }: { name: string; original: string; lines: Lines },
): { code: string; map: SourceMap } {
  const order = new Map(edits.map((edit, index) => [edit, edit.closes ? -index - 1 : index]))
  const sorted = [...edits].sort((a, b) => a.at - b.at || order.get(a)! - order.get(b)!)
  const segments: SourceMapSegment[][] = [[]]
  const token = source.length > MAX_WORDS_CHARS ? ROW : TOKEN
  let code = ''
  let shift = 0 // columns that this line has grown by
  let lineStart = 0
  const copy = (from: number, to: number): void => {
    const text = source.slice(from, to)
    code += text
    for (const { 0: part, index } of text.matchAll(token)) {
      const at = from + index
      if (LINE_END.test(part)) {
        segments.push([])
        lineStart = at + part.length
        shift = 0
      } else segments.at(-1)!.push([at - lineStart + shift, 0, segments.length - 1, at - lineStart])
    }
  }
  let copied = 0
  for (const { at, text, from, named = 0 } of sorted) {
    copy(copied, at)
    copied = at
    const { line, column } = lines.at(from)
    segments.at(-1)!.push([at - lineStart + shift + named, 0, line - 1, column - 1])
    code += text
    shift += text.length
    if (at < source.length) segments.at(-1)!.push([at - lineStart + shift, 0, segments.length - 1, at - lineStart])
  }
  copy(copied, source.length)
  return {
    code,
    map: { version: 3, sources: [name], sourcesContent: [original], names: [], mappings: encode(segments) },
  }
}
