// A full disk, on a real file system: nobody ends, nothing is lost, and all is made good when there is room.
import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { newRoomId } from '@sandlot/shared/random-ids.ts'
import { pino } from 'pino'
import { describe, expect, it } from 'vitest'
import { noSmallDisk, smallDisk } from '../testing/small-disk.ts'
import { Disk } from './disk.ts'
import { Queue } from './queue.ts'
import type { Report } from './report.ts'
import { OpenRooms } from './rooms.ts'
import { testNode } from './testing/node.ts'
import { until } from './testing/until.ts'

function logged() {
  const lines: { level: number; msg: string }[] = []
  return { lines, log: pino({}, { write: (line: string) => void lines.push(JSON.parse(line)) }) }
}
const stored = (n: number): Report => ({
  to: 'store.set',
  input: { key: `k${String(n).padStart(19, '0')}`, game: 'pong', name: `n${n}`, value: 'x'.repeat(1_000) },
})

describe.skipIf(noSmallDisk)(`a full disk${noSmallDisk ? ` (skipped: ${noSmallDisk})` : ''}`, () => {
  it('keeps no report from waiting: each is in the file when there is room, those that are done are not, and it is said once', () => {
    using small = smallDisk('256k')
    const { lines, log } = logged()
    using disk = new Disk(log)
    const path = join(small.folder, 'reports.jsonl')
    const queue = new Queue(path, disk)
    const reports = Array.from({ length: 100 }, (_, n) => stored(n))
    for (const report of reports.slice(0, 20)) queue.add(report)
    small.fill()
    for (const report of reports.slice(20, 80)) queue.add(report)
    for (const report of [...reports.slice(10, 20), ...reports.slice(50, 60)]) queue.done(report)
    expect(queue.size).toBe(60)
    const read = () => [...new Queue(path, new Disk(log))].map(({ input }) => input.key)
    expect(read()).toEqual(expect.arrayContaining(reports.slice(0, 10).map(({ input }) => input.key))) // a supervisor that starts now
    expect(lines.map(({ msg }) => msg)).toEqual([expect.stringMatching(/its disk is full\. Make room there/)])
    small.free()
    disk.retry()
    for (const report of reports.slice(80)) queue.add(report)
    expect(read()).toEqual([...queue].map(({ input }) => input.key))
    expect(read()).toHaveLength(80)
    for (const report of reports) queue.done(report)
    expect(readFileSync(path, 'utf8')).toBe('')
    expect(lines.map(({ msg }) => msg).slice(1)).toEqual([expect.stringMatching(/can be written again/)])
  })

  it('with a file of reports whose last line is torn loses that line alone', () => {
    using small = smallDisk('256k')
    const { log } = logged()
    const path = join(small.folder, 'reports.jsonl')
    writeFileSync(path, `${JSON.stringify(stored(1))}\n${JSON.stringify(stored(2)).slice(0, 50)}`)
    small.fill()
    using disk = new Disk(log)
    const queue = new Queue(path, disk)
    for (let n = 3; n < 20; n++) queue.add(stored(n))
    small.free()
    disk.retry()
    expect([...new Queue(path, disk)].map(({ input }) => 'name' in input && input.name)).toEqual(
      [1, ...Array.from({ length: 17 }, (_, i) => i + 3)].map((n) => `n${n}`),
    )
  })

  it('that can hold no more files gets those of open rooms when it can', () => {
    using small = smallDisk('256k', 20)
    using disk = new Disk(logged().log)
    const rooms = new OpenRooms(join(small.folder, 'rooms'), disk)
    const ids = Array.from({ length: 30 }, newRoomId)
    for (const id of ids) rooms.open(id)
    const there = rooms.leftover().length
    expect(there).toBeGreaterThan(10)
    expect(there).toBeLessThan(20)
    for (const id of ids.slice(15)) rooms.close(id)
    disk.retry()
    expect(rooms.leftover().sort()).toEqual(ids.slice(0, 15).sort())
  })

  it('ends neither supervisor nor rooms, lets a supervisor that was killed start, is said to who saves, and what waited goes on when there is room', async () => {
    using small = smallDisk('24m')
    mkdirSync(join(small.folder, 'data'))
    await using node = await testNode({ data: join(small.folder, 'data') })
    const keep = `
export const setup = () => ({ count: 0 })
export const actions = {
  keep(state, player, n, room) { room.store.set('n' + n, 'x'.repeat(3_000)); state.count += 1 },
}`
    const game = await node.game('hello', { 'server.js': keep }, 'full')
    const room = await node.room(game)
    const player = await node.play(game, room)
    await until('its build to be told', () => node.bridge.builds.length >= 1)
    const hostPid = node.hostPid(game)
    node.bridge.down()
    small.fill()
    for (let n = 0; n < 20; n++) player.act('keep', n)
    await until('the operator to hear of it', () => node.output.includes('its disk is full'))
    await until('all actions', () => (player.state as { count: number }).count === 20)
    expect(node.hostPid(game)).toBe(hostPid)
    expect(player.closed).toBe(undefined)
    const save = { game, path: 'notes.txt', content: 'x'.repeat(50_000), replaces: null }
    expect(await node.control.files.write.mutate(save)).toEqual({ ok: false, reason: 'disk-full', current: null })
    expect(
      await node.control.games.create.mutate({ game: 'more', owner: 'u1', template: 'pong', title: 'More' }),
    ).toEqual({
      ok: false,
      reason: 'disk-full',
    })
    process.kill(hostPid!, 'SIGKILL') // its rooms end, and that is a report too
    await until('the player to be cut off', () => player.closed)
    await node.bridge.up() // what waits in memory goes out, and the game starts again, on a disk that is still full
    await until('the end of the room', () => node.bridge.ended(room))
    await until('all that was kept', () => node.bridge.store.get(game)?.length === 20)
    const again = await until('a new room', () => node.room(game))
    expect(node.output.match(/its disk is full/g)!.length).toBeLessThan(4) // once each time: what ends gives a little room back

    appendFileSync(join(node.folder(game), 'server.js'), '\n') // fits in the file's last block
    const problem = async () => {
      const answer = await node.control.games.status.query({ game })
      return answer.ok ? answer.status.problem : undefined
    }
    await until('the build to be refused for now', async () => (await problem())?.message.includes('disk is full'))
    small.free()
    await until('the build', async () => (await problem()) === null)

    small.fill()
    await node.stop('SIGKILL')
    await node.start()
    await until('the room of before to be reported', () => node.bridge.ended(again))
    expect(readdirSync(join(node.data, 'rooms'))).toEqual([])
    expect((await node.control.games.remove.mutate({ game })).ok).toBe(true)
    expect(existsSync(node.folder(game))).toBe(false)
  })
})
