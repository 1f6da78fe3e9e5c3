// The trusted side of a room inside its isolate: takes commands as text, calls the creator's functions, returns one short text.
// It shares the realm with hostile code. So every file of this folder captures what it calls when it loads, before the creator's code
// does, and calls no method that can be replaced later: no iterators, no push, no spread.
import { MAX_FAULTS_PER_FRAME } from '@sandlot/shared/limits.ts'
import { plain } from '@sandlot/shared/protocol/canonical.ts'
import type { Player } from '@sandlot/shared/protocol/messages.ts'
import { Stream } from '@sandlot/shared/protocol/packed/stream.ts'
import { list as listOf } from '@sandlot/shared/protocol/packed/tree.ts'
import type { Command, FrameHeader, GameFacts, GuestError, Started } from '../frame.ts'
import { Players } from './players.ts'
import { random, randomState, seedRandom, setNow, setRandom } from './realm.ts'
import { room } from './room.ts'
import { finished, happen, measure, step } from './step.ts'
import { append, describe } from './text.ts'
import { forgetView, forgetViews, owe, picture, viewOf } from './views.ts'
import { createWorld, dropWorld, type Game, game, leave, passed, type Said, setGame, visit, world } from './world.ts'

const { parse, stringify } = JSON
const { create, keys: keysOf } = Object
const { isArray } = Array
const ErrorType = Error
const FUNCTIONS = ['setup', 'join', 'leave', 'host', 'tick', 'view', 'migrate']

/** Called once by the wrapper module when the creator's module has been evaluated. */
export function install(module: Game): void {
  const exported = keysOf(module)
  let known = 0
  for (let i = 0; i < exported.length; i++) {
    const name = exported[i]!
    const value = (module as Record<string, unknown>)[name]
    if (name === 'actions') checkActions(value)
    else if (!isOneOf(FUNCTIONS, name)) continue
    else if (typeof value !== 'function') throw new ErrorType(`server.js exports "${name}", but it is not a function`)
    known++
  }
  if (known === 0) {
    const hint = isOneOf(exported, 'default') ? ' (a default export is not looked at)' : ''
    throw new ErrorType(`server.js exports nothing that a game uses${hint}: write "export const setup = () => ({ … })"`)
  }
  for (let i = 0; i < exported.length; i++) {
    const name = exported[i]!
    if (name === 'actions' || isOneOf(FUNCTIONS, name)) continue
    room.log(
      `server.js exports "${name}", which nothing calls; a game uses setup, join, leave, host, actions, tick, view and migrate`,
    )
  }
  setGame(module)
}

function checkActions(actions: unknown): void {
  if (typeof actions !== 'object' || actions === null) {
    throw new ErrorType('server.js exports "actions", but it is not an object of functions')
  }
  const names = keysOf(actions)
  for (let i = 0; i < names.length; i++) {
    const action = (actions as Record<string, unknown>)[names[i]!]
    if (typeof action !== 'function') throw new ErrorType(`actions.${names[i]} in server.js is not a function`)
  }
}

function isOneOf(list: readonly string[], name: string): boolean {
  for (let i = 0; i < list.length; i++) if (list[i] === name) return true
  return false
}

/** Runs what makes the first state; a throw is the problem, and this isolate is of no use. */
function begin(makeState: (game: Game) => void): Started {
  forgetViews()
  try {
    if (game === undefined) {
      throw new ErrorType('server.js did not finish loading: "await" outside of functions is not supported')
    }
    makeState(game)
    world.shadow = new Stream(world.state, {
      maxChars: world.limits.stateBytes,
      precision: world.precision,
      isShown: game.view !== undefined,
    })
    measure()
    return { ticks: game.tick !== undefined, logs: world.logs, problem: null }
  } catch (thrown) {
    return { ticks: false, logs: world.logs, problem: describe(thrown) }
  }
}

function know({ tickRate, precision, store, limits }: GameFacts): void {
  world.limits = limits
  world.store.maxBytes = limits.storeBytes
  world.tickRate = tickRate
  world.precision = precision
  world.store.fill(store)
}

function start(command: Extract<Command, { op: 'start' }>): Started {
  seedRandom(command.seed as [number, number, number, number])
  world.startMs = command.startMs
  know(command)
  setNow(command.startMs)
  return begin((game) => {
    const state = game.setup?.({ random }) ?? {}
    finished('setup', state)
    if (typeof state !== 'object' || isArray(state)) {
      throw new ErrorType("setup must return the room's state as an object, such as { players: {} }")
    }
    world.state = state
  })
}

interface Saved {
  frame: number
  startMs: number
  random: [number, number, number, number]
  joined: Player[]
  state: unknown
}

function load(command: Extract<Command, { op: 'load' }>): Started {
  const saved: Saved = parse(command.saved)
  setRandom(saved.random)
  world.frame = saved.frame
  world.startMs = saved.startMs
  know(command)
  setNow(world.startMs + (world.frame * 1000) / world.tickRate)
  return begin((game) => {
    world.state = saved.state
    world.players = new Players()
    for (let i = 0; i < saved.joined.length; i++) {
      world.players.add(saved.joined[i]!)
      world.players.setJoined(saved.joined[i]!.id, true)
    }
    if (command.migrateFrom !== null && game.migrate) {
      const migrated = game.migrate(world.state, { fromBuild: command.migrateFrom })
      finished('migrate', migrated)
      if (migrated !== undefined) world.state = migrated
    }
    const stays: Record<string, true> = create(null)
    for (let i = 0; i < command.players.length; i++) stays[command.players[i]!.id] = true
    for (let i = 0; i < saved.joined.length; i++) {
      if (!stays[saved.joined[i]!.id]) happen({ k: 'leave', p: saved.joined[i]!.id }, true)
    }
    for (let i = 0; i < command.players.length; i++) {
      const player = command.players[i]!
      if (!world.players.hasJoined(player.id)) happen({ k: 'join', p: player }, true)
    }
  })
}

/** What a fresh isolate needs to go on from here. */
function save(): string {
  const joined: Player[] = []
  const { list } = world.players
  for (let i = 0; i < list.length; i++) if (world.players.hasJoined(list[i]!.id)) append(joined, list[i]!)
  const { frame, startMs, shadow } = world
  const saved: Saved = { frame, startMs, random: randomState(), joined, state: shadow.copy() }
  return stringify(saved)
}

function frame(command: Extract<Command, { op: 'frame' }>): string {
  const { full = [], gone = [] } = command
  world.logs = []
  world.over = create(null)
  for (let i = 0; i < gone.length; i++) forgetView(gone[i]!)
  const { change, problem, refused, faults } = step(command.events, command.ms, command.between === true)
  const messages = world.said
  world.shadow.commit()
  const seen = picture(change, full)
  return answer([seen.said, messages, refused], seen.problem ?? problem, faults, change.changed)
}

/** The header line (frame.ts) and all texts; what is over the limit is left out and told. */
function answer(said: Said[][], thrown: GuestError | null, refusals: GuestError[], changed: boolean): string {
  const out = listOf<[number, string[] | null, boolean]>()
  let problem = thrown
  let all = ''
  for (let i = 0; i < said.length; i++) {
    for (let k = 0; k < said[i]!.length; k++) {
      const { text, to, isState = false } = said[i]![k]!
      const { frameOutputBytes } = world.limits
      if (all.length + text.length > frameOutputBytes) {
        passed('frameOutputBytes')
        if (isState) owe(to)
        problem ??= { message: `the room sent more than ${frameOutputBytes} characters in one frame`, stack: '' }
        continue
      }
      all += text
      out[out.length] = [text.length, to, isState]
    }
  }
  const { frame, logs, end, sent, over } = world
  const store = world.store.drain()
  const hasEvents = logs.length > 0 || problem !== null || refusals.length > 0 || store.length > 0 || end !== null
  const isPlain = out.length === 0 || (out.length === 1 && out[0]![1] === null && out[0]![2])
  if (changed && isPlain && !hasEvents && sent === 0 && isEmpty(over)) return `${frame} ${all.length}\n${all}`
  const faults: GuestError[] = []
  for (let i = 0; i < refusals.length && i < MAX_FAULTS_PER_FRAME; i++) append(faults, refusals[i]!)
  const header: FrameHeader = {
    frame,
    out,
    logs,
    problem,
    faults,
    store,
    end,
    changed,
    sent,
    over,
  }
  return `${stringify(header)}\n${all}`
}

function isEmpty(record: object): boolean {
  for (const _key in record) return false
  return true
}

function trial(frames: number): GuestError | null {
  for (let i = 0; i < frames; i++) {
    const { problem } = step([], undefined, false)
    if (problem) return problem
    world.shadow.commit()
    const { list } = world.players
    for (let p = 0; game!.view && p < list.length; p++) {
      try {
        plain(viewOf(list[p]!), 'view', world.limits.frameOutputBytes)
      } catch (thrown) {
        return describe(thrown)
      }
    }
  }
  return null
}

/** The one way in: a room's number and a command as JSON, and back one text. */
export function enter(room: number, text: string): string {
  const command: Command = parse(text)
  if (command.op === 'drop') {
    dropWorld(room)
    return ''
  }
  if (command.op === 'start' || command.op === 'load') createWorld(room)
  visit(room)
  const answer = obey(command)
  leave()
  return answer
}

function obey(command: Exclude<Command, { op: 'drop' }>): string {
  switch (command.op) {
    case 'frame':
      return frame(command)
    case 'start':
      return stringify(start(command))
    case 'load':
      return stringify(load(command))
    case 'trial':
      return stringify(trial(command.frames))
    case 'save':
      return save()
  }
}
