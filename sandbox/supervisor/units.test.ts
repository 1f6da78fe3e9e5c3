// What systemd says of a game host that ended, and what a creator reads of it. That units start and end is tested in the rig.
import { MAX_GAME_ID_CHARS } from '@sandlot/shared/random-ids.ts'
import { describe, expect, it } from 'vitest'
import { inWords } from './process.ts'
import { exitReason, unitLauncher } from './units.ts'

const shown = (result: string, status: number) => `Result=${result}\nExecMainStatus=${status}\n`

describe('game hosts as units', () => {
  it.each([
    [shown('success', 0), '', 'ended by itself'],
    [shown('exit-code', 2), 'Job failed.', 'exited with code 2'],
    [shown('signal', 6), 'Job failed.', 'was killed by SIGABRT (memory ran out)'],
    [
      shown('signal', 14),
      'Job failed.',
      'was ended: a room did not come back for 1500 ms and could not be interrupted',
    ],
    [shown('signal', 12), 'Job failed.', 'was ended: it used more memory than it may have'],
    [shown('signal', 26), 'Job failed.', 'was ended: a room ran out of memory in a way that V8 cannot recover from'],
    [shown('core-dump', 11), 'Job failed.', 'was killed by SIGSEGV'],
    [shown('oom-kill', 9), 'Job failed.', 'was ended: it used more memory than this machine gives a game'],
    [shown('exit-code', 226), 'Job failed.', 'could not be started: systemd ended it with 226'],
    [shown('resources', 0), '', 'could not be started: resources'],
    [shown('success', 0), 'Access denied', 'could not be started: Access denied'],
    ['', '', 'could not be started: systemd does not answer'],
  ])('%j after %j: %s', (text, stderr, words) => {
    expect(inWords(exitReason(text, stderr))).toBe(words)
  })

  it('each game has sockets of its own, short enough for the longest name', () => {
    const { sockets } = unitLauncher({ systemctl: '/usr/bin/systemctl' })
    const [long, other] = [sockets!('a'.repeat(MAX_GAME_ID_CHARS)), sockets!('b')]
    for (const path of Object.values(long)) expect(path.length).toBeLessThanOrEqual(107)
    expect(new Set([...Object.values(long), ...Object.values(other)]).size).toBe(4)
  })

  it('a systemctl that is not there ends the game with that reason', async () => {
    const running = unitLauncher({ systemctl: '/nonexistent/systemctl' }).start({ game: 'pong' } as never)
    expect(inWords(await running.exited)).toMatch(/^could not be started: .*ENOENT/)
    expect(running.memoryMiB()).toBeNull()
  })
})
