// A game's life under a real supervisor: real processes, sockets and kills.
import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { newRoomId } from '@sandlot/shared/random-ids.ts'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { isAlive, type TestNode, testNode } from './testing/node.ts'
import { until } from './testing/until.ts'

const COUNTER = `
export const setup = () => ({ version: 1, count: 0 })
export const actions = { add: (state) => { state.count += 1 } }
`

vi.setConfig({ maxConcurrency: 5 }) // most of the time goes into waiting
let node: TestNode // of all tests that do not end their supervisor; each has a game of its own
beforeAll(async () => {
  node = await testNode({ settings: { CONTROL_CALLS_PER_SECOND: '100000' } }) // all tests at once ask it how it is
})
afterAll(() => node[Symbol.asyncDispose]())

const builds = (game: string) => node.bridge.builds.filter((report) => report.game === game)
const about = (room: string) => node.bridge.rooms.filter((report) => report.room === room)

describe.concurrent('a game', () => {
  it('starts when a room is asked for, and takes a player with a ticket', async () => {
    const game = await node.game('hello', {}, 'game-1')
    expect((await node.control.games.status.query({ game })).ok).toBe(true)
    const room = await node.room(game)
    const player = await node.play(game, room)
    expect(player.state).toMatchObject({
      players: { [Object.keys((player.state as { players: object }).players)[0]!]: { name: 'Ann' } },
    })
    const seats = () => node.bridge.seats.filter((report) => report.room === room)
    await until('the reports', () => seats().length === 1)
    expect(about(room)).toMatchObject([{ room, event: { type: 'opened' } }])
    expect(seats()).toMatchObject([{ room, event: 'joined' }])
    expect(builds(game)).toMatchObject([{ game, manifest: { title: 'A test' } }])
    const status = await until('the player in the status', async () => {
      const answer = await node.control.games.status.query({ game })
      return answer.ok && answer.status.players === 1 && answer.status
    })
    expect(status).toMatchObject({ state: 'running', rooms: 1, problem: null, why: null })
  })

  it('that its creator stops ends its rooms; neither a player nor a save nor another supervisor starts it, only its creator', async () => {
    await using node = await testNode()
    const game = await node.game('hello')
    const room = await node.room(game)
    const pid = node.hostPid(game)!
    expect(await node.control.games.stop.mutate({ game })).toEqual({ ok: true })
    expect(isAlive(pid)).toBe(false)
    await until('the room to end', () => node.bridge.ended(room))
    expect(node.bridge.ended(room)).toBe('stopped')
    const staysStopped = async () => {
      const answer = await node.control.rooms.ensure.mutate({ game, room: newRoomId() })
      expect(answer).toEqual({ ok: false, reason: 'stopped', problem: null })
      const page = await fetch(`${node.front}/${game}/`)
      expect([page.status, await page.text()]).toEqual([503, expect.stringContaining('creator')])
      const told = await node.control.games.status.query({ game })
      expect(told.ok && told.status).toMatchObject({ state: 'stopped', held: 'creator', why: null })
    }
    await staysStopped()
    const builds = node.bridge.builds.length
    writeFileSync(join(node.folder(game), 'server.js'), COUNTER)
    await until('the new build', () => node.bridge.builds.length > builds)
    await staysStopped()
    await node.stop()
    await node.start()
    await staysStopped()
    expect(await node.control.games.start.mutate({ game })).toEqual({ ok: true })
    await node.play(game, await node.room(game))
    await node.stop()
    await node.start()
    await node.room(game)
  })

  it.each([
    ['SIGKILL', 'was killed by SIGKILL'],
    ['SIGSEGV', 'was killed by SIGSEGV'],
    ['SIGABRT', 'was killed by SIGABRT'],
    ['SIGTERM', 'ended by itself'],
  ] as const)(
    'comes back at once when its host ends by %s: its rooms are reported crashed, a new one works',
    async (signal, why) => {
      const game = await node.game('hello', {}, signal.toLowerCase())
      const room = await node.room(game)
      const player = await node.play(game, room)
      const pid = node.hostPid(game)!
      process.kill(pid, signal)
      await until('the report', () => node.bridge.ended(room))
      expect(node.bridge.ended(room)).toBe('crashed')
      await until('the player to be cut off', () => player.closed)
      await node.play(game, await node.room(game))
      expect(node.hostPid(game)).not.toBe(pid)
      const told = await node.control.games.status.query({ game })
      expect(told.ok && told.status.log.map(({ text }) => text)).toContainEqual(expect.stringContaining(why))
    },
  )

  it('is killed within 4 s when it falls silent', { concurrent: false }, async () => {
    const game = await node.game('hello', {}, 'game-4')
    const room = await node.room(game)
    const pid = node.hostPid(game)!
    const stoppedMs = performance.now()
    process.kill(pid, 'SIGSTOP')
    await until('the silent host to be gone', () => !isAlive(pid))
    expect(performance.now() - stoppedMs).toBeLessThan(4_000)
    await until('the report', () => node.bridge.ended(room))
    expect(node.output).toMatch(new RegExp(`"game":"${game}"[^\n]*fell silent`))
  })

  it('that keeps dying waits longer each time, and after the fifth is not started again until its creator says so or its files change', async () => {
    const game = await node.game('hello', {}, 'game-5')
    let pid = 0
    const states = new Set<string>()
    const dieUntilHeld = () =>
      until('the game to be given up', async () => {
        const now = node.hostPid(game)
        if (now && now !== pid && isAlive(now)) {
          pid = now
          process.kill(pid, 'SIGKILL')
        }
        const answer = await node.control.games.status.query({ game })
        if (answer.ok) states.add(answer.status.state)
        return answer.ok && answer.status.state === 'stopped' && answer.status
      })
    await node.room(game)
    const status = await dieUntilHeld()
    expect(states).toContain('backing-off')
    expect(status.held).toBe('crashes')
    expect(status.why).toBe(
      'The game server was killed by SIGKILL (a room never came back, or memory ran out). That was the 5th time in 10 minutes, so it is not started again for 10 minutes, unless its files change or its creator starts it.',
    )
    const refused = { ok: false, reason: 'crashed', problem: null }
    expect(await node.control.rooms.ensure.mutate({ game, room: newRoomId() })).toEqual(refused)
    const page = await fetch(`${node.front}/${game}/`)
    expect(page.status).toBe(503)
    expect(Number(page.headers.get('retry-after'))).toBeGreaterThan(0)
    expect(await page.text()).toBe(`${status.why}\n`)
    expect(await node.control.games.start.mutate({ game })).toEqual({ ok: true })
    await node.play(game, await node.room(game))
    const told = await node.control.games.status.query({ game })
    expect(told.ok && told.status).toMatchObject({ held: null, why: null })

    await dieUntilHeld()
    expect(await node.control.rooms.ensure.mutate({ game, room: newRoomId() })).toEqual(refused)
    writeFileSync(join(node.folder(game), 'server.js'), COUNTER)
    await until('the hold to be lifted', async () => {
      const answer = await node.control.games.status.query({ game })
      return answer.ok && answer.status.held === null && answer.status.why === null
    })
    await node.play(game, await node.room(game))
  })

  it('leaves no host behind when the supervisor itself is killed, and reports the rooms when it is back', async () => {
    await using node = await testNode()
    const game = await node.game('hello')
    const room = await node.room(game)
    const pid = node.hostPid(game)!
    await node.stop('SIGKILL')
    await until('the orphan to be gone', () => !isAlive(pid))
    await node.start()
    await until('the report', () => node.bridge.ended(room))
    expect(node.bridge.ended(room)).toBe('crashed')
    await node.play(game, await node.room(game))
  })

  it('hears in its log what the website did not keep, and why; what it keeps makes no line', async () => {
    node.bridge.unkept.add('großer Rest')
    const game = await node.game(
      'hello',
      {
        'server.js': `${COUNTER}
actions.keep = (_state, _player, _data, room) => {
  room.store.set('best', 3)
  room.store.set('großer Rest', 4)
}`,
      },
      'game-6',
    )
    const player = await node.play(game, await node.room(game))
    player.act('keep')
    const log = await until('the line', async () => {
      const answer = await node.control.games.status.query({ game })
      return answer.ok && answer.status.log.length > 0 && answer.status.log
    })
    const text =
      'room.store: what was set as "großer Rest" is not kept: all rooms of the game together keep at most 64 KiB under 1000 names. Set something else to null first, or keep less.'
    expect(log).toMatchObject([{ room: null, text }])
    expect(node.bridge.store.get(game)).toEqual([{ name: 'best', value: 3 }])
    await until('the same in the log of the website', () =>
      node.bridge.logs.some(({ lines }) => lines[0]!.text === text),
    )
  })

  it('that does not exist is said not to exist', async () => {
    const answer = await node.control.rooms.ensure.mutate({ game: 'nothing', room: newRoomId() })
    expect(answer).toEqual({ ok: false, reason: 'no-such-game', problem: null })
  })
})

describe.concurrent('a save', () => {
  it('on disk reaches the running rooms: state and sockets stay', async () => {
    const game = await node.game('hello', { 'server.js': COUNTER }, 'game-8')
    const room = await node.room(game)
    const player = await node.play(game, room)
    player.act('add')
    await until('the count', () => (player.state as { count: number }).count === 1)
    writeFileSync(join(node.folder(game), 'server.js'), COUNTER.replace('+= 1', '+= 10'))
    await until('the new build', () => player.messages.some(({ t }) => t === 'build'))
    player.act('add')
    await until('the new rule', () => (player.state as { count: number }).count === 11)
    expect(player.closed).toBeUndefined()
  })

  it('that is broken keeps the old build and names file and line; the next good one heals it', async () => {
    const game = await node.game('hello', { 'server.js': COUNTER }, 'game-9')
    const player = await node.play(game, await node.room(game))
    const before = await node.control.games.status.query({ game })
    writeFileSync(join(node.folder(game), 'server.js'), 'export const setup = () => ({})\nexport const = 3\n')
    const status = await until('the problem', async () => {
      const answer = await node.control.games.status.query({ game })
      return answer.ok && answer.status.problem && answer.status
    })
    expect(status.problem).toMatchObject({ file: 'server.js', line: 2 })
    expect(before.ok && before.status.build).toBe(status.build)
    player.act('add')
    await until('the old rule', () => (player.state as { count: number }).count === 1)
    writeFileSync(join(node.folder(game), 'server.js'), COUNTER)
    await until('the problem to be gone', async () => {
      const answer = await node.control.games.status.query({ game })
      return answer.ok && answer.status.problem === null
    })
  })

  it('made while the game starts becomes its build only when the host has taken it', async () => {
    await using node = await testNode()
    const game = await node.game('hello')
    await until('the build of the template', () => node.bridge.builds.length === 1)
    const build = async () => {
      const answer = await node.control.games.status.query({ game })
      return answer.ok && answer.status.build
    }
    const old = await until('the pointer to it', build)
    const made = () => readdirSync(join(node.data, 'builds', game)).length
    const before = made()
    const held = Promise.withResolvers<void>()
    node.bridge.storeHeld = held.promise
    const room = node.room(game)
    await until('the start', () => node.bridge.storeAsked === 1)
    writeFileSync(join(node.folder(game), 'server.js'), COUNTER)
    await until('the build to be made', () => made() > before)
    expect(await build()).toBe(old)
    held.resolve()
    await room
    await until('the new build', async () => (await build()) !== old)
    await until('its report', () => node.bridge.builds.length === 2)
  })

  it('made while no supervisor ran is built when it is back', async () => {
    await using node = await testNode()
    const game = await node.game('hello', { 'server.js': COUNTER })
    await until('the first build', () => node.bridge.builds.length > 0)
    const { build } = node.bridge.builds.at(-1)!
    await node.stop()
    writeFileSync(join(node.folder(game), 'server.js'), COUNTER.replace('version: 1', 'version: 2'))
    await node.start()
    await until('the build', () => node.bridge.builds.at(-1)!.build !== build)
    const player = await node.play(game, await node.room(game))
    expect(player.state).toMatchObject({ version: 2 })
  })
})
