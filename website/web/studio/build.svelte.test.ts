import { TRPCClientError } from '@trpc/client'
import { expect, it } from 'vitest'
import type { Status } from '../lib/api.ts'
import { Build } from './build.svelte.ts'
import type { LogLine } from './log.ts'

const problem = { message: 'Unexpected token', file: 'server.js', line: 2 }
const well: Status = {
  game: 'pong',
  state: 'stopped',
  why: null,
  held: null,
  rooms: 0,
  players: 0,
  build: 'a'.repeat(32),
  problem: null,
  usage: null,
  turnedAway: null,
  log: [],
  sftp: { command: null, why: null, folder: null },
}
const why = 'The game server was killed by SIGKILL. That was the 5th time.'
const line = (at: number): LogLine => ({ at, room: null, text: `at ${at}` })

/** A studio whose machine says `status`, or does not answer while it is null; the website has kept `lines`. */
function studio(status: Partial<Status> | null, lines: LogLine[] = []) {
  const door = { status, lines, logAsked: 0 }
  const api = {
    studio: {
      status: {
        query: async () => {
          if (door.status) return { ...well, ...door.status }
          throw new TRPCClientError('The game server does not answer.', {
            result: { error: { data: { code: 'SERVICE_UNAVAILABLE' } } } as never,
          })
        },
      },
      log: {
        query: async () => {
          door.logAsked++
          return { lines: door.lines }
        },
      },
    },
  }
  return { door, build: new Build({ api: api as never, game: 'pong' }) }
}
async function verdictOf(status: Partial<Status>) {
  const { build } = studio(status)
  await build.look()
  return build.verdict
}

it('a game that sleeps or runs is live', async () => {
  expect(await verdictOf({})).toEqual({ is: 'live', build: 'aaaaaaa', running: false })
  expect(await verdictOf({ state: 'running' })).toEqual({ is: 'live', build: 'aaaaaaa', running: true })
})

it.each([
  ['stopped after crashes', { why, held: 'crashes' }, 'Stopped after crashes'],
  ['stopped by its creator', { held: 'creator' }, 'Stopped by you'],
  ['backing off', { state: 'backing-off', why }, 'Down for a moment'],
  ['gone down with nobody there', { why }, 'Went down'],
] as const)('a game that is %s is not live, and says why', async (_what, status, heading) => {
  const verdict = await verdictOf(status)
  expect(verdict).toMatchObject({ is: 'down', down: { heading }, why: 'why' in status ? why : null, problem: null })
  expect(await verdictOf({ ...status, problem })).toMatchObject({ is: 'down', down: { heading }, problem })
})

it('a problem of the files of a game that is well is a problem', async () => {
  expect(await verdictOf({ problem })).toEqual({ is: 'problem', problem, stillLive: true })
})

it('the log begins with what the website has kept, goes on with what the machine says, and stays when that starts anew', async () => {
  const { build, door } = studio({ log: [line(2), line(3)] }, [line(1), line(2)])
  expect(build.log).toBe(null)
  await build.look()
  expect(build.log).toEqual([line(1), line(2), line(3)])
  door.status = { log: [line(4)] }
  await build.look()
  expect(build.log).toEqual([line(1), line(2), line(3), line(4)])
  expect(door.logAsked).toBe(1)
})

it('while the machine does not answer the log is what the website keeps, from the first look on', async () => {
  const { build, door } = studio(null, [line(1)])
  await build.look()
  expect(build.verdict).toMatchObject({ is: 'unreachable' })
  expect(build.log).toEqual([line(1)])
  door.lines = [line(1), line(2)]
  await build.look()
  expect(build.log).toEqual([line(1), line(2)])
  door.status = { log: [line(3)] }
  await build.look()
  expect(build.log).toEqual([line(1), line(2), line(3)])
})
