// Checks every message between the website's page and the runtime in its iframe, on both sides: each holds the other for hostile.
// What has not passed here is never looked at; of what has, only known fields are left.
import * as z from 'zod/mini'
import {
  MAX_LOG_CHARS,
  MAX_NAME_CHARS,
  MAX_PATH_LENGTH,
  MAX_PEER_BYTES,
  MAX_PEERS,
  MAX_PLAYERS,
  MAX_SIGNAL_CHARS,
} from '../limits.ts'
import type { PageToRuntime, RuntimeToPage } from './messages.ts'

z.config({ jitless: true }) // both policies forbid eval; without this zod tries it once and the console complains

export const PAGE_MESSAGES_PER_SECOND = 120 // either way; a state and an input a drawn frame
export const PEER_MESSAGES_AT_ONCE = 200
export const PAGE_MESSAGE_BURST = 500 // lines of a log that come at once

const text = (max: number) => z.string().check(z.maxLength(max))
const place = z.optional(z.int().check(z.nonnegative()))
const size = z.int().check(z.gte(1), z.lte(10_000))
const count = z.int().check(z.nonnegative())
const amount = z.number().check(z.nonnegative(), z.lte(1e9))
const keys = z.array(text(16)).check(z.maxLength(64))

const problem = z.object({
  message: text(2_000),
  file: z.optional(text(MAX_PATH_LENGTH)),
  line: place,
  column: place,
  stack: z.optional(text(8_000)),
})
const player = z.object({ id: text(64), name: text(MAX_NAME_CHARS), connected: z.boolean() })
const code = z.object({ from: z.int().check(z.gte(1)), lines: z.array(text(200)).check(z.maxLength(9)) })

const latency = z.nullable(amount)
const id = text(64)
const signal = z.object({ type: z.literal('SIGNAL'), player: id, data: text(MAX_SIGNAL_CHARS) })
const peerBytes = z.custom<Uint8Array>((value) => value instanceof Uint8Array && value.byteLength <= MAX_PEER_BYTES)

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
  z.object({ type: z.literal('ERROR'), side: z.enum(['client', 'server']), problem, code: z.optional(code) }),
  z.object({ type: z.literal('LOG'), text: text(MAX_LOG_CHARS) }),
  z.object({ type: z.literal('BUILD'), build: text(64) }),
  z.object({ type: z.literal('END'), result: z.json() }),
  z.object({ type: z.literal('TICKET_NEEDED') }),
  z.object({ type: z.literal('INPUT'), frame: count, keys }),
  z.object({ type: z.literal('STATE'), frame: count, state: z.json() }),
  z.object({ type: z.literal('HEARTBEAT'), frame: count }),
  z.object({
    type: z.literal('STATS'),
    fps: amount,
    frameMs: amount,
    things: count,
    sounds: count,
    dropped: count,
    ignored: count,
    roomMs: latency,
    peersMs: latency,
    peers: count,
  }),
  z.object({
    type: z.literal('PEERS'),
    me: id,
    host: z.nullable(id),
    players: z.array(id).check(z.maxLength(MAX_PLAYERS)),
  }),
  signal,
  z.object({ type: z.literal('PEER_DATA'), data: peerBytes }),
])

const pageToRuntime = z.discriminatedUnion('type', [
  z.object({ type: z.literal('TICKET'), ticket: text(2_000) }),
  z.object({ type: z.literal('PAUSE') }),
  z.object({ type: z.literal('RESUME') }),
  z.object({ type: z.literal('LEAVE') }),
  z.object({
    type: z.literal('LOAD_CODE'),
    // only what a game host serves of a build of this very game
    entry: z.optional(z.string().check(z.maxLength(300), z.regex(/^build\/[0-9a-f]{32}\/(?!.*\.\.)[^?#\\:]+$/))),
  }),
  z.object({ type: z.literal('PLAYER_INPUT'), keys }),
  z.object({ type: z.literal('STATE_UPDATE'), state: z.json() }),
  z.object({ type: z.literal('WATCH'), input: z.boolean(), state: z.boolean() }),
  z.object({ type: z.literal('PEERS'), open: z.array(id).check(z.maxLength(MAX_PEERS)), roundTripMs: latency }),
  signal,
  z.object({
    type: z.literal('PEER_DATA'),
    messages: z.array(z.object({ from: id, data: peerBytes })).check(z.maxLength(PEER_MESSAGES_AT_ONCE)),
  }),
])

/** What the runtime said, or undefined when its type is unknown or any field is of the wrong shape or size. */
export function readRuntimeMessage(data: unknown): RuntimeToPage | undefined {
  const parsed = runtimeToPage.safeParse(data)
  return parsed.success ? (parsed.data as RuntimeToPage) : undefined
}

/** What the website's page said, or undefined when its type is unknown or any field is of the wrong shape or size. */
export function readPageMessage(data: unknown): PageToRuntime | undefined {
  const parsed = pageToRuntime.safeParse(data)
  return parsed.success ? (parsed.data as PageToRuntime) : undefined
}
