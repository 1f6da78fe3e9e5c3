// A game's place among those that run, through starts, crashes and stops. Its hosts are small processes that do what the test says.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DEFAULT_BUDGETS } from '@sandlot/shared/budgets.ts'
import { pino } from 'pino'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { connectBridge } from './bridge.ts'
import { Builds } from './builds.ts'
import { Disk } from './disk.ts'
import { Game, type GameOptions } from './game.ts'
import { Places } from './places.ts'
import { type Launcher, type Running, startSession } from './process.ts'
import { Queue } from './queue.ts'
import { Reports } from './reports.ts'
import { OpenRooms } from './rooms.ts'
import { BridgeDoor } from './testing/bridge.ts'
import { newFolder } from './testing/node.ts'
import { until } from './testing/until.ts'

const log = pino({ level: 'silent' })
const BUILD = '0'.repeat(32)
const say = (message: object) => `socket.write(${JSON.stringify(`${JSON.stringify(message)}\n`)})`
const LIVES = `${say({ t: 'ready', build: BUILD })}; setInterval(() => ${say({ t: 'beat', rooms: 0, players: 0 })}, 200); socket.on('data', (text) => /"stop"/.test(text) && process.exit())`
const DIES = 'process.exit(3)' // before it is ready

let data: string
let stack: AsyncDisposableStack
let reports: Reports
let rooms: OpenRooms
/** Each start of a host, by its game. */
let started: string[]
let hosts: Map<string, Running>

beforeEach(async () => {
  data = newFolder()
  stack = new AsyncDisposableStack()
  stack.defer(() => rmSync(data, { recursive: true }))
  const bridge = new BridgeDoor('token')
  await bridge.up()
  stack.defer(() => bridge.close())
  const disk = stack.use(new Disk(log))
  reports = stack.use(new Reports(connectBridge(bridge.url, bridge.token), new Queue(join(data, 'reports'), disk), log))
  rooms = new OpenRooms(join(data, 'rooms'), disk)
  started = []
  hosts = new Map()
  mkdirSync(join(data, 'run'))
})
afterEach(async () => {
  await stack.disposeAsync()
  vi.useRealTimers()
})

/** Of the creator whom the first word of its name says. `leaves`: until then nobody hears that its host is gone. */
async function newGame(
  id: string,
  places: Places,
  program: string,
  {
    run = join(data, 'run'),
    leaves = Promise.resolve(),
    ...more
  }: Partial<GameOptions & { run: string; leaves: Promise<void> }> = {},
): Promise<Game> {
  const out = join(data, 'builds', id)
  mkdirSync(join(out, BUILD), { recursive: true })
  writeFileSync(join(out, 'current'), BUILD)
  const make = () => Promise.reject(new Error('there is a build'))
  const builds = await Builds.open({ source: join(data, id), out, make, adopt: async () => null })
  const launcher: Launcher = {
    start({ game, supervisor }) {
      started.push(game)
      const begin = `const socket = require('node:net').connect(${JSON.stringify(supervisor)}, () => { ${program} })`
      const host = startSession(process.execPath, ['-e', begin], log)
      hosts.set(game, host)
      return { ...host, exited: leaves.then(() => host.exited) }
    },
  }
  const host = { launcher, run, ticketKey: '/dev/null', site: 'http://localhost:4000' }
  const budgets = () => DEFAULT_BUDGETS
  return stack.use(new Game({ id, builds, rooms, reports, places, host, budgets, isStopped: false, log, ...more }))
}
const placesFor = (games: number) => new Places(games, (game) => game.split('-')[0]!)
/** An opened page takes no place from anybody, so it starts a game only where a place is free. */
const page = async (game: Game) => (await game.ready('page')).ok

it('a game whose hosts die before they are ready is held after the fifth, has no place, and does not come back by itself', async () => {
  const places = placesFor(1)
  const game = await newGame('ann-1', places, DIES)
  const other = await newGame('bob-1', places, LIVES)
  expect(await game.ready()).toMatchObject({ ok: false, why: 'The game server exited with code 3.' })
  expect(await page(other)).toBe(false)
  await until('the hold', () => game.status.held === 'crashes')
  expect(game.status.why).toContain('That was the 5th time')
  expect(await page(other)).toBe(true)
  expect(await game.ready()).toMatchObject({ ok: false, reason: 'crashed' })
  expect(started).toEqual([...Array(5).fill('ann-1'), 'bob-1'])
})

it('a game that died and that nobody wants any more gives its place back, and says why it died, also when there is no place for it then', async () => {
  vi.useFakeTimers({ toFake: ['Date'] })
  const places = placesFor(1)
  const game = await newGame('ann-1', places, LIVES)
  const other = await newGame('bob-1', places, LIVES)
  expect(await page(game)).toBe(true)
  expect(await page(other)).toBe(false)
  vi.setSystemTime(Date.now() + 6 * 60_000)
  hosts.get('ann-1')!.kill('SIGSEGV')
  await until('the game to be given up', () => game.status.state === 'stopped')
  expect(await page(other)).toBe(true)
  await other.stop()
  places.take({ id: 'cleo-1', idleSinceMs: () => undefined, stop: async () => {} }, 'room')
  expect(await game.ready()).toMatchObject({ ok: false, reason: 'node-full' })
  expect(game.status).toMatchObject({ state: 'stopped', why: expect.stringContaining('SIGSEGV') })
  expect(started).toEqual(['ann-1', 'bob-1'])
})

it('a game that takes the place of another starts when that one’s process is gone, not before', async () => {
  const places = placesFor(2)
  const gone = Promise.withResolvers<void>()
  const idle = await newGame('ann-1', places, LIVES, { leaves: gone.promise })
  const second = await newGame('ann-2', places, LIVES)
  const free = await newGame('bob-1', places, LIVES)
  stack.defer(gone.resolve)
  expect((await idle.ready()).ok).toBe(true)
  const asked = second.ready()
  expect((await free.ready()).ok).toBe(true) // has asked later, and gone all the same way
  expect(started).toEqual(['ann-1', 'bob-1'])
  gone.resolve()
  expect(await asked).toMatchObject({ ok: true })
  expect(started).toEqual(['ann-1', 'bob-1', 'ann-2'])
})

it('a start that fails is tried again, unless the creator has stopped the game meanwhile: then it stays stopped, without a place', async () => {
  const places = placesFor(1)
  const run = join(data, 'nothing') // no socket can be made there
  const fails = await newGame('ann-1', places, LIVES, { run })
  expect(await fails.ready()).toMatchObject({
    ok: false,
    reason: 'unavailable',
    why: expect.stringContaining('could not be started'),
  })
  expect(fails.status.state).toBe('backing-off')
  await fails.stop()

  let holding: Promise<void> | undefined
  const budgets = () => {
    holding = game.hold()
    return DEFAULT_BUDGETS
  }
  const game: Game = await newGame('ann-2', places, LIVES, { run, budgets })
  expect(await game.ready()).toMatchObject({ ok: false, reason: 'stopped' })
  await holding
  expect(game.status).toMatchObject({ state: 'stopped', held: 'creator', why: null })
  expect(await page(await newGame('bob-1', places, LIVES))).toBe(true)
})
