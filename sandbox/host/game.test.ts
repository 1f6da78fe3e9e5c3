// The frame loop of a game, on real isolates and the real clock.
import { DELTA } from '@sandlot/shared/protocol/packed/tags.ts'
import { newRoomId } from '@sandlot/shared/random-ids.ts'
import { expect, it } from 'vitest'
import { buildOf } from '../testing/folder.ts'
import { until } from '../testing/until.ts'
import { Game } from './game.ts'

const nothing = () => {}

it('a room keeps stepping however often the loop is woken, as by a flood of messages', async () => {
  let frames = 0
  const game = new Game(
    buildOf({ 'server.js': 'export const tick = (state) => { state.n = (state.n ?? 0) + 1 }' }),
    new Map(),
    {
      send: () => frames++,
      close: nothing,
      seat: nothing,
      log: nothing,
      problem: nothing,
      store: nothing,
      ended: nothing,
      beat: nothing,
      usage: nothing,
    },
  )
  const room = newRoomId()
  expect(game.ensure(room)).toEqual({ outcome: 'ok' })
  game.room(room)!.sit({ id: 'ada', name: 'Ada' }, 0)
  game.room(room)!.connect('ada')
  let flooding = true
  const flood = () => {
    game.wake(room)
    if (flooding) setImmediate(flood)
  }
  flood()
  await until(() => frames > 10, 'ten frames')
  flooding = false
  game.stop()
})

it('the loop beats after each room, so that many slow ones, each within its limit, are no stall', async () => {
  const ROOMS = 30
  let beats = 0
  let deltas = 0
  const game = new Game(
    buildOf({
      'server.js': 'export const tick = (state) => { state.n = (state.n ?? 0) + 1 }',
      'game.json': '{"tickRate":2}',
    }),
    new Map(),
    {
      send: (_room, _player, data) => {
        if (data[0] === DELTA) deltas++
      },
      close: nothing,
      seat: nothing,
      log: nothing,
      problem: nothing,
      store: nothing,
      ended: nothing,
      beat: () => beats++,
      usage: nothing,
    },
  )
  for (let i = 0; i < ROOMS; i++) {
    const id = newRoomId()
    game.ensure(id)
    game.room(id)!.sit({ id: 'ada', name: 'Ada' }, 0)
    game.room(id)!.connect('ada')
    game.wake(id)
  }
  await until(() => deltas >= ROOMS, 'every room has ticked')
  beats = 0
  deltas = 0
  await until(() => deltas >= ROOMS, 'every room has ticked again')
  game.stop()
  expect(beats).toBeGreaterThanOrEqual(ROOMS) // one a round would be a handful
})
