// Errors of the creator's code as the creator should read them: own file names, each one once.
import type { CodeProblem } from '@sandlot/shared/protocol/messages.ts'
import { advised } from './absent.ts'
import type { WorkerError } from './frame.ts'

const MAX_MESSAGE = 2_000
const MAX_STACK = 4_000
const MAX_KNOWN = 200 // different errors remembered; a message with a counter in it must not fill the memory

/**
 * Names places relative to the build (`https://play.example/pong/build/HASH/` in front of a file name is taken away) and leaves out the lines
 * of Sandlot's own worker.
 */
export function toProblem(error: WorkerError, buildUrl: string): CodeProblem {
  const message = advised(readable(error.message.slice(0, 2 * MAX_MESSAGE), buildUrl)).slice(0, MAX_MESSAGE)
  const lines = error.stack
    .slice(0, 2 * MAX_STACK)
    .split('\n')
    .filter((line) => !line.includes('blob:'))
  const stack = readable(lines.join('\n'), buildUrl).slice(0, MAX_STACK)
  const local = lines.map((line) => line.replaceAll(buildUrl, ''))
  const trace = local.filter((line) => /^\s*at |@/.test(line)).join('\n') // "at f (file:1:2)" in Chromium, "f@file:1:2" elsewhere
  const place = /(?:^|[\s(@])([^\s(@:]+\.[cm]?[jt]s):(\d+):(\d+)/m.exec(trace)
  if (!place) return { message, ...(stack && { stack }) }
  return { message, file: decoded(place[1]!), line: Number(place[2]), column: Number(place[3]), stack }
}

/** `text` with the URLs of the build's files as the creator's own names: `parts/my%20ship.js` is `parts/my ship.js`. */
function readable(text: string, buildUrl: string): string {
  if (buildUrl === '') return text
  const [first, ...rest] = text.split(buildUrl)
  return first + rest.map((part) => part.replace(/^[^\s:]+/, decoded)).join('')
}

function decoded(name: string): string {
  try {
    return decodeURIComponent(name)
  } catch {
    return name // a % that the creator's code made up
  }
}

/** Counts equal problems, so that an error in every frame is told once. */
export class ProblemCount {
  #counts = new Map<string, number>()

  /** How often this problem was seen, this time included; undefined when there are too many different ones to remember. */
  add(problem: CodeProblem): number | undefined {
    const key = `${problem.file}:${problem.line}:${problem.column} ${problem.message}`
    const count = (this.#counts.get(key) ?? 0) + 1
    if (count === 1 && this.#counts.size >= MAX_KNOWN) return undefined
    this.#counts.set(key, count)
    return count
  }

  clear(): void {
    this.#counts.clear()
  }
}
