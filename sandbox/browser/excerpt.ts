// The lines of code around an error, as the creator's browser got them.
import type { CodeExcerpt, CodeProblem } from '@sandlot/shared/protocol/messages.ts'
import { fetchAsset } from './fetch.ts'

const AROUND = 2 // lines before and after
const MAX_LINE = 160
const PATIENCE_MS = 500 // an error is told without its code rather than late

/** Undefined when the problem names no place, or its file cannot be read in time. */
export async function excerptOf({ file, line }: CodeProblem, buildUrl: string): Promise<CodeExcerpt | undefined> {
  if (file === undefined || line === undefined) return undefined
  const path = file.split('/').map(encodeURIComponent).join('/')
  const late = new Promise<undefined>((done) => setTimeout(done, PATIENCE_MS))
  const read = async () => linesAround(await sourceOf(`${buildUrl}${path}`), line)
  return Promise.race([read().catch(() => undefined), late])
}

/** What the creator wrote, without the guards, where the map of the file has it. */
async function sourceOf(url: string): Promise<string> {
  try {
    const { sourcesContent } = JSON.parse(await (await fetchAsset(`${url}.map`)).text())
    if (typeof sourcesContent?.[0] === 'string') return sourcesContent[0]
  } catch {
    // Without a map, what was served is what there is.
  }
  return (await fetchAsset(url)).text()
}

/** The line with this number (from 1) and its neighbours; undefined when there is no such line. */
function linesAround(text: string, line: number): CodeExcerpt | undefined {
  const all = text.split(/\r?\n/)
  if (line < 1 || line > all.length) return undefined
  const from = Math.max(1, line - AROUND)
  return { from, lines: all.slice(from - 1, line + AROUND).map((each) => each.slice(0, MAX_LINE)) }
}
