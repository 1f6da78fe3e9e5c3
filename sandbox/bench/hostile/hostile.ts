// W7: what an attack in one room costs the rooms of another game (others) and the other rooms of its own game (siblings), on one real supervisor.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestNode, testNode } from '../../supervisor/testing/node.ts'
import { until } from '../../supervisor/testing/until.ts'
import { ATTACKS, type Attack, honestFiles, hostileFiles } from './attacks.ts'
import { Driver } from './driver.ts'

const ROOMS = 50
const PLAYERS = 2 // in each room
const SETTLE_MS = 2_000 // before an attack begins
const AFTER_MS = 2_000 // how long after its end the others are still looked at
const LATEST_MS = 15_000
const HONEST = 'honest'

export interface Outcome {
  attack: string
  /** Null: there is no other game. */
  othersMaxGapMs: number | null
  othersLostRooms: number | null
  /** Null: it never has a sibling, since it never runs. */
  siblingsMaxGapMs: number | null
  siblingsLostRooms: number | null
  /** From the attack to its end: the hostile room, game or player is out, or its creator was told while the limits held. Null: never. */
  endedMs: number | null
  reason: string
  /** How long the process that measures was itself busy at most. */
  driverLagMs: number
}

interface End {
  endedMs: number | null
  reason: string
}

export interface HostileOptions {
  /** Honest rooms, and rooms of the hostile game. */
  rooms?: number
  attacks?: Attack[]
  /** Called after each attack, so that a run that is cut short has told what it knows. */
  onOutcome(outcome: Outcome): void
}

/** Every attack in turn. One that cannot be carried out is told as such, and the next begins from scratch. */
export async function hostile({ rooms = ROOMS, attacks = ATTACKS, onOutcome }: HostileOptions): Promise<void> {
  await using node = await testNode()
  using driver = new Driver()
  await add(node, HONEST, honestFiles())
  await fill(node, driver, HONEST, HONEST, rooms)
  onOutcome(await quiet(driver))
  onOutcome(await newcomer(node, driver))
  for (const [i, attack] of attacks.entries()) {
    try {
      onOutcome(await both(node, driver, attack, i, rooms))
    } catch (error) {
      onOutcome({ ...NOTHING, attack: attack.name, reason: `could not be measured: ${(error as Error).message}` })
    }
    await again(node, driver, rooms)
  }
}

/** Alone beside the honest rooms; then with siblings, and with nobody else at play. */
async function both(node: TestNode, driver: Driver, attack: Attack, i: number, rooms: number): Promise<Outcome> {
  const lone = await strike(node, driver, attack, `lone-${i}`, 1, HONEST)
  let many: typeof lone | null = null
  if (!attack.setup) {
    await driver.leave(HONEST)
    await node.control.games.stop.mutate({ game: HONEST })
    many = await strike(node, driver, attack, `many-${i}`, rooms, null)
  }
  return {
    attack: attack.name,
    othersMaxGapMs: lone.maxGapMs,
    othersLostRooms: lone.lostRooms,
    siblingsMaxGapMs: many?.maxGapMs ?? null,
    siblingsLostRooms: many?.lostRooms ?? null,
    endedMs: lone.endedMs,
    reason: lone.reason,
    driverLagMs: Math.max(lone.driverLagMs, many?.driverLagMs ?? 0),
  }
}

/** The honest rooms as they were at first, and no other game. */
async function again(node: TestNode, driver: Driver, rooms: number): Promise<void> {
  for (const { game } of await node.control.games.list.query()) {
    if (game === HONEST) continue
    await driver.leave(game)
    await node.control.games.remove.mutate({ game })
  }
  await driver.leave(HONEST)
  await node.control.games.stop.mutate({ game: HONEST })
  await node.control.games.start.mutate({ game: HONEST })
  await fill(node, driver, HONEST, HONEST, rooms)
}

const NOTHING: Outcome = {
  attack: 'none',
  othersMaxGapMs: null,
  othersLostRooms: null,
  siblingsMaxGapMs: null,
  siblingsLostRooms: null,
  endedMs: null,
  reason: '',
  driverLagMs: 0,
}

async function quiet(driver: Driver): Promise<Outcome> {
  await wait(SETTLE_MS)
  await driver.mark(HONEST)
  await wait(SETTLE_MS + AFTER_MS)
  const { maxGapMs, lostRooms, driverLagMs } = await driver.read(HONEST)
  return { ...NOTHING, othersMaxGapMs: maxGapMs, othersLostRooms: lostRooms.length, driverLagMs }
}

/** What it costs the others that a game is built and its server started. */
async function newcomer(node: TestNode, driver: Driver): Promise<Outcome> {
  await driver.mark(HONEST)
  await add(node, 'newcomer', honestFiles())
  await fill(node, driver, 'newcomer', 'newcomer', 1)
  const { maxGapMs, lostRooms, driverLagMs } = await driver.read(HONEST)
  await driver.leave('newcomer')
  await node.control.games.remove.mutate({ game: 'newcomer' })
  const attack = 'none: an honest game is built and started'
  return { ...NOTHING, attack, othersMaxGapMs: maxGapMs, othersLostRooms: lostRooms.length, driverLagMs }
}

/** One attack in one room of a new game; what it costs those in `watched`, or the other rooms of that game. */
async function strike(
  node: TestNode,
  driver: Driver,
  attack: Attack,
  game: string,
  rooms: number,
  watched: string | null,
) {
  await add(node, game, hostileFiles(attack))
  const [room] = attack.setup ? [] : await fill(node, driver, game, game, rooms)
  const group = watched ?? game
  await wait(SETTLE_MS)
  await driver.mark(group)
  const fromMs = performance.now()
  if (room) await driver.attack(game, room, attack.player ?? 'act')
  else void node.room(game).catch(() => {}) // it cannot be had
  const end = await ending(node, driver, attack, game, room, fromMs)
  await wait(AFTER_MS)
  const { maxGapMs, lostRooms, driverLagMs } = await driver.read(group, watched ? null : room!)
  await driver.leave(game)
  await node.control.games.remove.mutate({ game })
  return { ...end, maxGapMs, lostRooms: lostRooms.length, driverLagMs }
}

/** Waits until the attack is over in the way it is to be. */
async function ending(
  node: TestNode,
  driver: Driver,
  attack: Attack,
  game: string,
  room: string | undefined,
  fromMs: number,
): Promise<End> {
  const since = (atMs: number) => Math.round(atMs - fromMs)
  while (performance.now() < fromMs + LATEST_MS) {
    const closed = room ? driver.closed(game, room) : undefined
    if (closed && attack.ends === 'player')
      return { endedMs: since(closed.atMs), reason: `player closed: ${closed.code} ${closed.reason}` }
    const answer = await node.control.games.status.query({ game })
    if (!answer.ok) throw new Error(`there is no ${game}`)
    const { status } = answer
    const now = performance.now()
    const told = status.problem?.message ?? status.why ?? overrun(status.usage) ?? ''
    if (attack.ends === 'told' && told) return { endedMs: since(now), reason: told }
    const ended = room ? node.bridge.ended(room) : undefined
    const isDown = status.why !== null || died(status.log) // it may be back already
    if (attack.ends === 'room' && (ended || isDown)) {
      const endedMs = since(closed?.atMs ?? now)
      return { endedMs, reason: await reasonOf(node, game, ended) }
    }
    await wait(20)
  }
  return { endedMs: null, reason: 'it went on' }
}

/** The last thing that the creator reads. */
async function reasonOf(node: TestNode, game: string, ended: string | undefined): Promise<string> {
  const answer = await node.control.games.status.query({ game })
  if (!answer.ok) return ''
  const { why, problem, log } = answer.status
  return `${ended ? `room ${ended}: ` : ''}${why ?? died(log) ?? problem?.message ?? log.at(-1)?.text ?? ''}`
}

/** What the supervisor has written into the game's log of the end of its process. */
const died = (log: { room: string | null; text: string }[]): string | undefined =>
  log.find(({ room, text }) => room === null && text.startsWith('The game server '))?.text

type Usage = Extract<
  Awaited<ReturnType<TestNode['control']['games']['status']['query']>>,
  { ok: true }
>['status']['usage']
/** The budget that has stopped something, in words. */
function overrun(usage: Usage): string | undefined {
  for (const [name, { limit, over }] of Object.entries(usage ?? {}))
    if (over > 0) return `over its budget: ${name} (limit ${limit}), ${over} times`
  return undefined
}

async function add(node: TestNode, game: string, files: Record<string, string>): Promise<void> {
  await node.control.games.create.mutate({ game, owner: 'bench', template: 'hello', title: 'Bench' })
  for (const [name, text] of Object.entries(files)) writeFileSync(join(node.folder(game), name), text)
  const last = `${files['server.js']}// complete\n`
  writeFileSync(join(node.folder(game), 'server.js'), last) // what was built before is half of this game and half of the template
  await until(`${game} to be built`, async () => {
    const { build } = await status(node, game)
    const server = build && readFileSync(join(node.data, 'builds', game, build, 'files/server.js'), 'utf8')
    return server?.includes('// complete')
  })
}

async function status(node: TestNode, game: string) {
  const answer = await node.control.games.status.query({ game })
  if (!answer.ok) throw new Error(`there is no ${game}`)
  return answer.status
}

async function fill(node: TestNode, driver: Driver, group: string, game: string, rooms: number): Promise<string[]> {
  const made: string[] = []
  for (let i = 0; i < rooms; i++) {
    const room = await node.room(game)
    made.push(room)
    const tickets = await Promise.all(Array.from({ length: PLAYERS }, () => node.ticket(game, room)))
    await driver.join(group, room, `ws+unix:${node.playSocket(game)}:/ws`, tickets)
  }
  return made
}

const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))
