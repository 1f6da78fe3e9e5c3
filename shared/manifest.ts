// game.json: what a creator may say about a game. Every field is optional, and so is the file.
import { z } from 'zod'
import { DEFAULT_MAX_PLAYERS, DEFAULT_TICK_RATE, MAX_MANIFEST_BYTES, MAX_PLAYERS, MAX_TICK_RATE } from './limits.ts'

const SIZE = { min: 100, max: 4096 } // pixels of the game's own coordinate system; the page scales it

export const manifestSchema = z.strictObject({
  title: z.string().trim().min(1).max(60).optional(),
  description: z.string().trim().max(500).default(''),
  players: z
    .strictObject({
      min: z.int().min(1).max(MAX_PLAYERS).default(1),
      max: z.int().min(1).max(MAX_PLAYERS).default(DEFAULT_MAX_PLAYERS),
    })
    .refine(({ min, max }) => min <= max, 'min is larger than max')
    .default({ min: 1, max: DEFAULT_MAX_PLAYERS }),
  tickRate: z.int().min(1).max(MAX_TICK_RATE).default(DEFAULT_TICK_RATE),
  width: z.int().min(SIZE.min).max(SIZE.max).default(800),
  height: z.int().min(SIZE.min).max(SIZE.max).default(600),
  background: z
    .string()
    .regex(/^#[0-9a-fA-F]{6}$/, 'must be a colour such as "#102030"')
    .default('#10131a'),
  /** Without server.js: players' browsers also connect to each other, where they can, and so learn each other's addresses. */
  peerToPeer: z.boolean().default(false),
  /** Decimal places that numbers of the state keep on the wire. */
  sync: z.strictObject({ precision: z.int().min(0).max(6).optional() }).default({}),
})
export type Manifest = z.infer<typeof manifestSchema>

export type ManifestResult =
  | { ok: true; manifest: Manifest }
  | { ok: false; line: number; column: number; message: string }

/**
 * Reads the text of a game.json (empty text: all defaults). Never throws; a problem names the field or the line and column (1-based).
 */
export function parseManifest(text: string): ManifestResult {
  const fail = (message: string, at = { line: 1, column: 1 }): ManifestResult => ({ ok: false, ...at, message })
  if (text.length > MAX_MANIFEST_BYTES) return fail(`game.json is larger than ${MAX_MANIFEST_BYTES / 1024} KiB`)
  const source = text.startsWith('\ufeff') ? text.slice(1) : text // editors on Windows put a byte order mark there
  let value: unknown
  try {
    value = source.trim() === '' ? {} : JSON.parse(source)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    return fail(`game.json is not valid JSON: ${reason.split(' in JSON at')[0]}`, jsonPosition(source, reason))
  }
  const parsed = manifestSchema.safeParse(value)
  if (parsed.success) return { ok: true, manifest: parsed.data }
  const issue = parsed.error.issues[0]!
  const field = issue.path.join('.')
  return fail(field ? `game.json: "${field}" ${lowerFirst(issue.message)}` : `game.json: ${lowerFirst(issue.message)}`)
}

const lowerFirst = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1)

/** V8 says either "(line L column C)" or "position P"; with neither, the text ended too early. */
function jsonPosition(source: string, message: string): { line: number; column: number } {
  const named = /line (\d+) column (\d+)/.exec(message)
  if (named) return { line: Number(named[1]), column: Number(named[2]) }
  const before = source.slice(0, Number(/position (\d+)/.exec(message)?.[1] ?? source.length)).split('\n')
  return { line: before.length, column: before.at(-1)!.length + 1 }
}
