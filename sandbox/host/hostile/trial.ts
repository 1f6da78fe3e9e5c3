// Puts one attack to the real host, in a process of its own: it must end as declared, hurt nobody else, and leave nothing.
import { createHash } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseManifest } from '@sandlot/shared/manifest.ts'
import { newRoomId } from '@sandlot/shared/random-ids.ts'
import { assertNever } from '@sandlot/shared/reasons.ts'
import { expect } from 'vitest'
import type { Builder } from '../../build/builder.ts'
import { CLIENT, gameFolder, temporaryFolder } from '../../testing/folder.ts'
import type { TestPlayer } from '../../testing/host.ts'
import { HostedGame, type Seat } from '../../testing/hosted.ts'
import { until } from '../../testing/until.ts'
import type { BuildRecord } from '../build.ts'
import { type Attack, FRAME_MS, OUT_OF_MEMORY, program, TOO_MUCH } from './attack.ts'

const MEMORY_MIB = 512 // of a process, unless the attack says otherwise: several run at once
const CALM_MS = 200
const GAME_JSON = '{"tickRate":60}' // three ticks are to be waited for quite often
const CPU = { cpuMsPerSecond: 1_000, cpuCreditMs: 60_000 } // so that nobody waits for an attacker's debts
const AMPLE = { ...CPU, frameMs: 750 } // so that on a busy machine time is not what an attack on something else meets
const MAX_THREADS_BUSY = 0.5 // of one core: the honest rooms use a hundredth
const MAX_TRIES = 40 // a timeout on a machine that had no time for the room counts as a half

type Game = { ticks: number; honest: number; found: unknown }
const game = ({ state }: TestPlayer) => state as unknown as Game
const matching = (text: string | RegExp) => (typeof text === 'string' ? text : expect.stringMatching(text))

/** A build as the builder writes it, but not tried: a host must hold what a build's trial did not find. */
export function writeBuild(out: string, server: string): string {
  const manifest = parseManifest(GAME_JSON)
  if (!manifest.ok) throw new Error(manifest.message)
  const build = createHash('sha256').update(server).digest('hex').slice(0, 32)
  const record: BuildRecord = {
    build,
    manifest: manifest.manifest,
    server: { entry: 'server.js', modules: ['server.js'], stateless: false },
    client: { entry: 'client.js', modules: ['client.js'] },
    assets: [],
  }
  const dir = join(out, build)
  mkdirSync(join(dir, 'files'), { recursive: true })
  writeFileSync(join(dir, 'build.json'), JSON.stringify(record))
  writeFileSync(join(dir, 'files/server.js'), server)
  writeFileSync(join(dir, 'files/client.js'), CLIENT)
  return dir
}

/** An honest game, alone in its process, that must not notice any of it. */
export async function neighbour(): Promise<{ ticksOn(): Promise<void>; [Symbol.asyncDispose](): Promise<void> }> {
  using builds = temporaryFolder()
  const host = await HostedGame.start(writeBuild(builds.path, program({})))
  const seat = await host.sit()
  return {
    ticksOn: () => ticksOn(seat, 'the game beside it'),
    [Symbol.asyncDispose]: () => host[Symbol.asyncDispose](),
  }
}

/** Its actions count, and unless its tick throws there are three more ticks. */
async function ticksOn({ player }: Seat, whose: string, more = 3): Promise<void> {
  const { ticks, honest } = game(player)
  player.act('honest')
  await player.until(() => game(player).ticks >= ticks + more && game(player).honest > honest, `${whose} ticks on`)
  expect(player.closed).toBeUndefined()
}

const meetsTime = ({ ends }: Attack): boolean => ends === 'room' || ends === 'host' || ends === 'start'

/** Runs the attack; `builder` makes what a creator would save. Throws when anything is not as declared. */
export async function trial(attack: Attack, builder: Builder): Promise<void> {
  using builds = temporaryFolder()
  const dir = writeBuild(builds.path, program(attack))
  if (attack.ends === 'start') await refusedOnSaving(attack, builder)
  const first = attack.ends === 'start' ? writeBuild(builds.path, program({})) : dir
  await using host = await HostedGame.start(first, {
    memoryMiB: MEMORY_MIB,
    ...(meetsTime(attack) ? CPU : AMPLE),
    ...(attack.ends === 'room' && { frameMs: FRAME_MS }),
    ...attack.budgets,
  })
  const sibling = await host.sit()
  await ticksOn(sibling, 'an honest room')
  const openFiles = host.openFiles()
  await (attack.ends === 'start' ? refusesBuild(host, dir, attack) : attacked(host, sibling, attack))
  if (host.ended) {
    expect(['host', 'either']).toContain(attack.ends)
    expect(() => process.kill(-host.pid, 0), 'nothing of its process group is left').toThrow('ESRCH')
    return
  }
  await ticksOn(sibling, 'another room of the same game')
  await calm(host)
  expect(host.memoryMiB()).toBeLessThan(attack.budgets?.memoryMiB ?? MEMORY_MIB)
  await until(() => host.openFiles() <= openFiles, 'all sockets are closed')
  expect(await host.stop(), 'no thread keeps it from ending').toEqual({ type: 'exit', code: 0 })
  expect(host.leftovers()).toEqual([])
  expect(() => process.kill(-host.pid, 0)).toThrow('ESRCH')
}

async function attacked(host: HostedGame, sibling: Seat, attack: Attack): Promise<void> {
  const seat = await host.sit()
  const { player } = seat
  await ticksOn(seat, 'the room to be attacked')
  const answered = () => player.all('refused').length + player.all('error').length + player.all('full').length
  const problems = () => player.all('error').map(({ e }) => e.message)
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const before = { answers: answered(), full: player.all('full').length, honest: game(player).honest }
    player.act('attack', attack.data ?? null)
    player.act('honest')
    switch (attack.ends) {
      case 'action':
        await player.until(() => answered() > before.answers || player.closed, 'it is refused')
        expect(player.all('refused')).toMatchObject([{ a: 'attack', why: matching(attack.why) }])
        break
      case 'frame': {
        const told = () => host.all('problem').map(({ problem }) => problem?.message)
        await player.until(() => told().length > 0 || player.closed, 'the creator is told')
        expect(told()[0]).toEqual(matching(attack.says))
        break
      }
      case 'setback':
        await player.until(() => player.all('full').length > before.full || player.closed, 'the room goes back')
        expect(problems()[0]).toEqual(matching(attack.says))
        break
      case 'nothing':
        await player.until(() => game(player).honest > before.honest || player.closed || problems()[0], 'it is done')
        expect([problems(), player.all('refused')]).toEqual([[], []])
        expect(game(player).found).toEqual(attack.found)
        break
      case 'room':
      case 'either':
        await player.until(() => player.all('full').length > before.full || player.closed, 'the room goes back or ends')
        if (!player.closed) continue
        if (attack.ends === 'either' && (await gone(host, player))) expect(await host.exited).toMatch(OUT_OF_MEMORY)
        else await stuck(host, seat, attack.ends === 'either' ? TOO_MUCH : attack.says)
        return
      case 'host':
        expect(await host.exited).toEqual(matching(attack.says))
        await sibling.player.until(({ closed }) => closed, 'the sockets are closed')
        return
      case 'start':
        throw new Error('is not played')
      default:
        assertNever(attack)
    }
    break
  }
  if (attack.ends === 'room' || attack.ends === 'either')
    throw new Error(`the room was not ended in ${MAX_TRIES} tries`)
  await ticksOn(seat, 'the room itself', attack.ends === 'frame' ? 0 : 3)
  expect(host.all('ended')).toEqual([])
  await player[Symbol.asyncDispose]()
}

/** Whether the socket was closed because the process has ended. */
async function gone(host: HostedGame, { closed }: TestPlayer): Promise<boolean> {
  if (closed?.code !== 1006) return false
  await host.exited
  return true
}

/** The room has ended, and everybody is told why. */
async function stuck(host: HostedGame, { room, player }: Seat, says: string | RegExp): Promise<void> {
  expect(player.closed).toMatchObject({ code: 4410 })
  const told = player.all('error').map(({ e }) => e.message)
  expect(told.length).toBeGreaterThan(0)
  for (const text of told) expect(text).toEqual(matching(says))
  expect(host.all('problem').map(({ problem }) => problem?.message)).toContainEqual(matching(says))
  await until(() => host.all('ended').length > 0, 'the end is reported')
  expect(host.all('ended')).toEqual([{ t: 'ended', room, reason: 'stuck', result: null }])
  expect((await host.ensure(room)).outcome).toBe('ended')
}

/** The running rooms keep their build, no room is made of this one, and a better one heals it. */
async function refusesBuild(host: HostedGame, dir: string, { says, top }: Attack & { ends: 'start' }): Promise<void> {
  const running = await host.load(dir)
  if (top === undefined) expect(running, 'a room that goes on needs no setup').toEqual({ type: 'running' })
  else expect(running).toMatchObject({ type: 'refused', problem: { message: matching(says) } })
  expect(host.all('ended')).toEqual([])
  await using fresh = await HostedGame.start(dir)
  expect(await fresh.ensure(newRoomId())).toMatchObject({ outcome: 'failed', problem: { message: matching(says) } })
  using builds = temporaryFolder()
  expect(await fresh.load(writeBuild(builds.path, program({})))).toEqual({ type: 'running' })
  const seat = await fresh.sit()
  await ticksOn(seat, 'a room of the better build')
  await seat.player[Symbol.asyncDispose]()
  await calm(fresh)
  expect(await fresh.stop()).toEqual({ type: 'exit', code: 0 })
}

/** What a creator reads on saving: the build's trial, in a process of its own, finds it. */
async function refusedOnSaving(attack: Attack & { ends: 'start' }, builder: Builder): Promise<void> {
  using folder = gameFolder({ 'server.js': program(attack) })
  const result = await builder.build(folder.path)
  expect(result).toMatchObject({ ok: false, problem: { message: matching(attack.build ?? attack.says) } })
}

/** Until no thread of the process burns CPU any more. */
async function calm(host: HostedGame): Promise<void> {
  let atMs = performance.now()
  let cpuMs = host.cpuMs()
  await until(() => {
    const nowMs = performance.now()
    if (nowMs < atMs + CALM_MS) return false
    const used = (host.cpuMs() - cpuMs) / (nowMs - atMs)
    atMs = nowMs
    cpuMs = host.cpuMs()
    return used < MAX_THREADS_BUSY
  }, 'no thread of the host is busy')
}
