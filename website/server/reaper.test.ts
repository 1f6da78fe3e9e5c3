import { newPlayerId, newRoomId } from '@sandlot/shared/random-ids.ts'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type TestDatabase, testDatabase } from '../testing/postgres.ts'
import { reap } from './reaper.ts'

let db: TestDatabase
beforeAll(async () => {
  db = await testDatabase()
})
afterAll(() => db[Symbol.asyncDispose]())

const daysAgo = (days: number) => new Date(Date.now() - days * 24 * 60 * 60_000)

async function user(id: string, { guest = true, days = 40 } = {}) {
  const at = daysAgo(days)
  const row = { id, name: id, email: `${id}@guest.invalid`, emailVerified: false, isAnonymous: guest }
  await db.owner
    .insertInto('user')
    .values({ ...row, createdAt: at, updatedAt: at })
    .execute()
}

/** So many rooms that ended or were made that long ago, each with a seat; answers their ids. */
async function rooms(count: number, state: 'open' | 'ended', days: number, player: string): Promise<string[]> {
  const at = daysAgo(days)
  const ids = Array.from({ length: count }, newRoomId)
  const room = { game_id: 'pong', node_id: 'n1', state, max_players: 2, created_at: at }
  await db.owner
    .insertInto('rooms')
    .values(ids.map((id) => ({ ...room, id, ended_at: state === 'ended' ? at : null })))
    .execute()
  const seat = { user_id: player, name: player, state: 'left', expires_at: at } as const
  await db.owner
    .insertInto('seats')
    .values(ids.map((room_id) => ({ ...seat, room_id, player_id: newPlayerId() })))
    .execute()
  return ids
}

it('rooms go a month after their end, with their seats; guests go when no seat, game or session is left; others stay', async () => {
  await db.owner.insertInto('nodes').values({ id: 'n1', control_url: 'http://c', play_url: 'http://p' }).execute()
  const people = { owner: false, plays: true, played: true, idle: true, signed: true, maker: true, member: false }
  for (const [id, guest] of Object.entries(people)) await user(id, { guest })
  await user('fresh', { days: 3 })
  for (const [id, owner] of [
    ['pong', 'owner'],
    ['made', 'maker'],
  ])
    await db.owner.insertInto('games').values({ id: id!, owner_id: owner!, node_id: 'n1', title: 'T' }).execute()
  for (const [id, days] of [
    ['signed', -1],
    ['idle', 1],
  ] as const) {
    const row = { id, userId: id, token: id, ipAddress: null, userAgent: null }
    const at = daysAgo(40)
    await db.owner
      .insertInto('session')
      .values({ ...row, expiresAt: daysAgo(days), createdAt: at, updatedAt: at })
      .execute()
  }
  const kept = [...(await rooms(1, 'open', 90, 'plays')), ...(await rooms(1, 'ended', 20, 'plays'))]
  await rooms(510, 'ended', 31, 'played')

  const answers = await Promise.all([reap(db.website), reap(db.website)]) // two processes
  const after = await reap(db.website)
  expect(answers.reduce((sum, { rooms }) => sum + rooms, after.rooms)).toBe(510)
  expect(answers.reduce((sum, { guests }) => sum + guests, after.guests)).toBe(2)
  expect((await db.owner.selectFrom('rooms').select('id').execute()).map(({ id }) => id).sort()).toEqual(kept.sort())
  expect(await db.owner.selectFrom('seats').select('user_id').execute()).toEqual([
    { user_id: 'plays' },
    { user_id: 'plays' },
  ])
  const left = (await db.owner.selectFrom('user').select('id').execute()).map(({ id }) => id)
  expect(left.sort()).toEqual(['fresh', 'maker', 'member', 'owner', 'plays', 'signed'])
  expect(await db.owner.selectFrom('session').select('id').execute()).toEqual([{ id: 'signed' }])
  expect(await reap(db.website)).toEqual({ rooms: 0, guests: 0 })
})
