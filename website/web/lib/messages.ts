// Checks every message from the game's iframe. Its origin is hostile: what has not passed here is never looked at.
import { MAX_LOG_CHARS, MAX_NAME_CHARS, MAX_PATH_LENGTH, MAX_PLAYERS } from '@sandlot/shared/limits.ts'
import type { RuntimeToPage } from '@sandlot/shared/protocol/messages.ts'
import * as z from 'zod/mini'

z.config({ jitless: true }) // the site's policy forbids eval; without this zod tries it once and the console complains

const text = (max: number) => z.string().check(z.maxLength(max))
const place = z.optional(z.int().check(z.nonnegative()))
const size = z.int().check(z.gte(1), z.lte(10_000))

const problem = z.object({
  message: text(2_000),
  file: z.optional(text(MAX_PATH_LENGTH)),
  line: place,
  column: place,
  stack: z.optional(text(8_000)),
})
const player = z.object({ id: text(64), name: text(MAX_NAME_CHARS), connected: z.boolean() })

const runtimeToPage = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('STATUS'),
    status: z.enum(['connecting', 'playing', 'reconnecting', 'ended', 'refused']),
    text: text(500),
  }),
  z.object({
    type: z.literal('PLAYERS'),
    players: z.array(player).check(z.maxLength(MAX_PLAYERS)),
    me: text(64),
  }),
  z.object({ type: z.literal('TITLE'), title: text(200), width: size, height: size }),
  z.object({ type: z.literal('ERROR'), side: z.enum(['client', 'server']), problem }),
  z.object({ type: z.literal('LOG'), text: text(MAX_LOG_CHARS) }),
  z.object({ type: z.literal('BUILD'), build: text(64) }),
  z.object({ type: z.literal('END'), result: z.json() }),
  z.object({ type: z.literal('TICKET_NEEDED') }),
])

/** The message, or undefined when its type is unknown or any field is of the wrong shape or size. */
export function readRuntimeMessage(data: unknown): RuntimeToPage | undefined {
  const parsed = runtimeToPage.safeParse(data)
  return parsed.success ? (parsed.data as RuntimeToPage) : undefined
}

/** Whether a window message is the runtime's first word: READY, from an opaque origin, with exactly one port. */
export function isReady(event: Pick<MessageEvent, 'data' | 'origin' | 'ports'>): boolean {
  const { data } = event
  return (
    typeof data === 'object' &&
    data !== null &&
    data.type === 'READY' &&
    event.ports.length === 1 &&
    event.origin === 'null' // a sandboxed document has no origin; anything else is not the runtime
  )
}
