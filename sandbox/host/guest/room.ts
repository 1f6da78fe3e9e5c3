// The `room` that creators' functions are given, and the `console` that logs to it.
import { MAX_LOG_LINES_PER_FRAME, MAX_RESULT_CHARS } from '@sandlot/shared/limits.ts'
import { plain } from '@sandlot/shared/protocol/canonical.ts'
import type { Player } from '@sandlot/shared/protocol/messages.ts'
import type { Room } from '../server-api.d.ts'
import { random } from './realm.ts'
import { append, cut, logLine } from './text.ts'
import { passed, world } from './world.ts'

const { parse, stringify } = JSON
const { freeze } = Object
const toText = String
const ErrorType = Error

const messageText = (message: unknown): string =>
  stringify({ t: 'msg', m: plain(message, 'message', world.limits.frameOutputBytes) })

/** Counts a message. Throws when the frame has had its share. */
function count(how: string): void {
  const { frameMessages } = world.limits
  if (world.sent >= frameMessages) {
    passed('frameMessages')
    throw new ErrorType(`${how}: more than ${frameMessages} messages in one frame`)
  }
  world.sent++
}

export const room = freeze({
  get frame() {
    return world.frame
  },
  get tickRate() {
    return world.tickRate
  },
  get players() {
    return world.players.list
  },
  random,
  send(player: Player | string, message: unknown) {
    const id = typeof player === 'string' ? player : player?.id
    if (world.players.find(id) === undefined) {
      throw new ErrorType(`room.send: no player "${cut(toText(id), 40)}" in this room`)
    }
    count('room.send')
    append(world.said, { text: messageText(message), to: [id] })
  },
  broadcast(message: unknown) {
    count('room.broadcast')
    append(world.said, { text: messageText(message), to: null })
  },
  end(result: unknown) {
    const text = stringify(plain(result, 'result', MAX_RESULT_CHARS))
    if (text.length > MAX_RESULT_CHARS) {
      throw new ErrorType(`room.end: the result is ${text.length} characters of JSON; the limit is ${MAX_RESULT_CHARS}`)
    }
    world.end ??= { result: parse(text) }
  },
  log(...values: unknown[]) {
    if (world.logs.length < MAX_LOG_LINES_PER_FRAME) append(world.logs, logLine(values))
  },
  store: freeze({
    get: (name: string) => world.store.get(name),
    set: (name: string, value: unknown) => world.store.set(name, value),
  }),
} satisfies Room)

const { log } = room
Object.assign(globalThis, { console: freeze({ log, info: log, warn: log, error: log, debug: log }) })
