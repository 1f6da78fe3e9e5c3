// Mistakes of client code as players tell them, honest ones and floods of forged ones, on a real room.
import {
  MAX_OWN_PROBLEMS,
  MAX_ROOM_PROBLEMS,
  PLAYER_PROBLEMS_PER_MINUTE,
  PROBLEM_REPEAT_MS,
} from '@sandlot/shared/limits.ts'
import { problemMessage } from '@sandlot/shared/protocol/codec.ts'
import type { CodeProblem } from '@sandlot/shared/protocol/messages.ts'
import { expect, it } from 'vitest'
import { COUNTER, TestRoom, withServer } from '../testing/room.ts'

const OUT_OF_FUEL = { message: 'Error: out of fuel', file: 'parts/ship.js', line: 9 }
const MINUTE_MS = 60_000

/** A room with these players, and what their browsers tell of its build. */
function room(...players: string[]) {
  const test = new TestRoom(withServer(COUNTER), new Map(), [1, 2, 3, 4])
  for (const player of players) test.join(player)
  test.pass(10)
  const tell = (player: string, problem: CodeProblem, build = test.room.build.id) =>
    test.room.mistake(player, problemMessage(build, problem), test.nowMs)
  /** Time goes on as a game lets it: the room is tidied each second. */
  const pass = (ms: number) => {
    for (let passed = 0; passed < ms; passed += 1_000) {
      test.pass(1_000)
      test.room.tidy(test.nowMs)
    }
  }
  const over = () => {
    const { playerProblemsPerMinute, roomProblemsPerMinute } = test.usages.report(0)
    return { player: playerProblemsPerMinute.over, room: roomProblemsPerMinute.over }
  }
  const build = `(build ${test.room.build.id.slice(0, 8)})`
  return { test, tell, pass, over, build }
}

it('[MB3] a mistake is a line of the log that says where it is from; players are sent nothing of it', () => {
  const { test, tell, build } = room('ada', 'bob')
  const sent = test.sent.get('ada')!.length
  tell('bob', OUT_OF_FUEL)
  expect(test.logs).toEqual([`A player’s browser says: parts/ship.js:9 Error: out of fuel ${build}`])
  tell('bob', { message: 'It froze' })
  expect(test.logs[1]).toBe(`A player’s browser says: It froze ${build}`)
  test.pass(1_000)
  expect(test.sent.get('ada')).toHaveLength(sent)
  expect(test.problems).toEqual([])
})

it('[MB3] the same mistake of further players is told with their number, each time that it has doubled, and not of one twice', () => {
  const players = ['a', 'b', 'c', 'd', 'e', 'f']
  const { test, tell, pass, build } = room(...players)
  const say = (...who: string[]) => {
    for (const player of who) tell(player, OUT_OF_FUEL)
    pass(PROBLEM_REPEAT_MS)
  }
  const counts = () => test.logs.map((line) => line.replace(` parts/ship.js:9 Error: out of fuel ${build}`, ''))
  say('a', 'a', 'a')
  expect(counts()).toEqual(['A player’s browser says:'])
  say('b', 'c', 'b')
  expect(counts()).toEqual(['A player’s browser says:', '3 players’ browsers say:'])
  say('d', 'e', 'a')
  expect(counts()).toHaveLength(2)
  say('f')
  expect(counts()).toEqual(['A player’s browser says:', '3 players’ browsers say:', '6 players’ browsers say:'])
})

it('[MB3] of another build than the room’s, or of one who is not connected, nothing is heard; after a save all is new', () => {
  const { test, tell } = room('ada', 'bob')
  tell('ada', OUT_OF_FUEL, '0'.repeat(32))
  tell('nobody', OUT_OF_FUEL)
  test.room.disconnect('bob', test.nowMs)
  tell('bob', OUT_OF_FUEL)
  expect(test.logs).toEqual([])
  tell('ada', OUT_OF_FUEL)
  expect(test.logs).toHaveLength(1)
  expect(test.room.offer(withServer(`${COUNTER}; // saved`), test.nowMs)).toBeNull()
  tell('ada', OUT_OF_FUEL)
  expect(test.logs).toHaveLength(2)
})

it('[MB2] a message is one plain line, whatever is in it', () => {
  const { test, tell, build } = room('ada')
  const evil = 'a\r\nr000: forged\u2028line\u001b[2J\u202e\u0000\u200b\ud800 end \t'
  tell('ada', { message: evil })
  tell('ada', { message: '\u0007\n' })
  expect(test.logs).toEqual([
    `A player’s browser says: a r000: forged line[2J end ${build}`,
    `A player’s browser says: a mistake without a message ${build}`,
  ])
})

it('[MB4] [MB5] who makes up thousands gets a few lines, and their number is told; an honest player is heard as before', () => {
  const { test, tell, pass, over } = room('eve', 'bob')
  for (let i = 0; i < 10_000; i++) tell('eve', { message: `forged ${i}` })
  tell('bob', OUT_OF_FUEL)
  expect(test.logs).toHaveLength(MAX_OWN_PROBLEMS + 1)
  expect(test.logs.at(-1)).toContain('out of fuel')
  expect(test.usages.report(0).playerProblemsPerMinute.used).toBe(10_000)
  expect(over()).toEqual({ player: 10_000 - PLAYER_PROBLEMS_PER_MINUTE, room: 0 })
  pass(1_000)
  const left = PLAYER_PROBLEMS_PER_MINUTE - MAX_OWN_PROBLEMS
  expect(test.logs.at(-1)).toContain(`told of mistakes ${left} more times than this log shows`)
  for (let minute = 0; minute < 10; minute++) {
    for (let i = 0; i < 100; i++) tell('eve', { message: `again ${minute} ${i}` })
    pass(MINUTE_MS)
  }
  expect(test.logs.length).toBeLessThan(MAX_OWN_PROBLEMS + 8) // the number has doubled a few times
})

it('[MB4] [MB5] many who make them up together fill no more than their share of the log', () => {
  const players = Array.from({ length: 30 }, (_, i) => `eve${i}`)
  const test = new TestRoom(withServer(COUNTER, { 'game.json': '{"players":{"max":30}}' }), new Map(), [1, 2, 3, 4], {
    roomProblemsPerMinute: 50,
  })
  for (const player of players) test.join(player)
  test.pass(10)
  const build = test.room.build.id
  for (const player of players)
    for (let i = 0; i < 5; i++)
      test.room.mistake(player, problemMessage(build, { message: `${player} ${i}` }), test.nowMs)
  expect(test.logs).toHaveLength(MAX_ROOM_PROBLEMS)
  expect(test.usages.report(0).roomProblemsPerMinute).toMatchObject({ over: 30 * 5 - 50, limit: 50 })
})
