// Which keys a node is told, in which order, and what becomes of those that it could not be told.
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import * as contract from '@sandlot/shared/contract.ts'
import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, expect, it, vi } from 'vitest'
import type { z } from 'zod'
import { type TestDatabase, testDatabase } from '../../testing/postgres.ts'
import { siteFolder, testSite } from '../../testing/site.ts'
import { Nodes, saveNodes } from '../control/nodes.ts'
import { listKeys, pushKeys, setKeys, tellLate, withdrawKeys } from './keys.ts'

const key = (letter: string) => `ssh-ed25519 ${letter.repeat(68)}`
const stack = new AsyncDisposableStack()
let db: TestDatabase
let nodes: Nodes
let config: { id: string; controlUrl: string; token: string; playOrigin: string }
/** What the node was told, in the order in which it came; it answers when `held` has resolved. */
let told: z.infer<typeof contract.setKeys>[]
let isAway: boolean
let calls: number
let held: Promise<unknown>
let answer: z.infer<typeof contract.setKeysAnswer>

beforeAll(async () => {
  db = stack.use(await testDatabase())
  const door = createServer(async (request, response) => {
    calls++
    if (isAway) return void response.writeHead(503).end()
    told.push(contract.setKeys.parse(JSON.parse(await text(request))))
    await held
    response.setHeader('content-type', 'application/json').end(JSON.stringify({ result: { data: answer } }))
  }).listen(0, '127.0.0.1')
  await once(door, 'listening')
  stack.defer(() => {
    door.closeAllConnections()
    return new Promise<void>((done) => door.close(() => done()))
  })
  const controlUrl = `http://127.0.0.1:${(door.address() as AddressInfo).port}`
  config = { id: 'n1', controlUrl, token: 'token-of-the-node', playOrigin: 'http://localhost:9' }
  nodes = new Nodes([config])
  await saveNodes(db.website, [config])
  for (const id of ['ann', 'ben']) {
    const row = { id, name: id, email: `${id}@example.test`, emailVerified: false, isAnonymous: false }
    await db.owner
      .insertInto('user')
      .values({ ...row, createdAt: new Date(), updatedAt: new Date() })
      .execute()
    await db.owner
      .insertInto('games')
      .values({ id: `${id}s`, owner_id: id, node_id: 'n1', title: 'T' })
      .execute()
  }
})
afterAll(() => stack.disposeAsync())
beforeEach(async () => {
  await db.owner.deleteFrom('node_keys').execute()
  told = []
  calls = 0
  isAway = false
  held = Promise.resolve()
  answer = { ok: true }
})

const services = () => ({ db: db.website, nodes })
const newest = () => told.toSorted((a, b) => b.version - a.version)[0]!
/** As if so many seconds had passed since the last try. */
const pass = (seconds: number) =>
  db.owner
    .updateTable('node_keys')
    .set({ try_at: sql<Date>`try_at - make_interval(secs => ${seconds})` })
    .execute()

it('what a creator saved last has the largest number, whichever request comes first and however long the node takes', async () => {
  const first = Promise.withResolvers<void>()
  held = first.promise
  const slow = setKeys(services(), 'ann', [key('A'), key('B')])
  await vi.waitFor(() => expect(told).toHaveLength(1), { timeout: 30_000 })
  held = Promise.resolve()
  const revoked = await setKeys(services(), 'ann', [key('B')])
  first.resolve()
  await slow
  expect(revoked).toEqual({ keys: [key('B')], applied: true, isFull: false, hasGames: true })
  expect(told[1]!.version).toBeGreaterThan(told[0]!.version)
  expect(told[1]).toMatchObject({ owner: 'ann', games: ['anns'], keys: [key('B')] })

  await Promise.all('CDEFGHIJ'.split('').map((letter) => setKeys(services(), 'ann', [key(letter)])))
  expect(newest().keys).toEqual(await listKeys(db.website, 'ann'))
  await tellLate(services())
  expect(newest().keys).toEqual(await listKeys(db.website, 'ann'))
})

it('a node that was away is told until it has heard, once a round however many wait for it, and then no more', async () => {
  isAway = true
  expect(await setKeys(services(), 'ann', [key('A')])).toMatchObject({ applied: false, isFull: false })
  await setKeys(services(), 'ann', [])
  await setKeys(services(), 'ben', [key('C')])
  await tellLate(services()) // too early
  expect(calls).toBe(3)
  await pass(60)
  await Promise.all([tellLate(services()), tellLate(services())]) // two processes
  expect(calls).toBeLessThanOrEqual(5)
  isAway = false
  await pass(60)
  await tellLate(services())
  expect(told.map(({ owner, keys }) => [owner, keys]).sort()).toEqual([
    ['ann', []],
    ['ben', [key('C')]],
  ])
  await pass(60)
  await tellLate(services())
  expect(told).toHaveLength(2)
})

it('a game that has left a node takes its keys along, also when the node was away then', async () => {
  await setKeys(services(), 'ben', [key('A')])
  await db.owner.insertInto('games').values({ id: 'brief', owner_id: 'ben', node_id: 'n1', title: 'T' }).execute()
  await pushKeys(services(), 'ben')
  expect(told.at(-1)).toMatchObject({ games: ['bens', 'brief'], keys: [key('A')] })
  isAway = true
  await db.owner.deleteFrom('games').where('owner_id', '=', 'ben').execute()
  await withdrawKeys(services(), 'ben', nodes.get('n1'))
  isAway = false
  await pass(60)
  await tellLate(services())
  expect(newest()).toMatchObject({ owner: 'ben', games: [], keys: [] })
})

it('a node that is full is said to be, and asked again only after minutes', async () => {
  answer = { ok: false, reason: 'too-many-creators' }
  expect(await setKeys(services(), 'ann', [key('A')])).toMatchObject({ applied: false, isFull: true })
  await pass(60)
  await tellLate(services())
  expect(calls).toBe(1)
  answer = { ok: true }
  await pass(600)
  await tellLate(services())
  expect(newest()).toMatchObject({ keys: [key('A')] })
  expect(await db.owner.selectFrom('node_keys').select('told').execute()).toEqual([{ told: true }])
})

it('a website process that starts tells by itself what a node has not heard, and once more what it has: the node may be another one', async () => {
  await db.owner.insertInto('games').values({ id: 'chess', owner_id: 'ben', node_id: 'n1', title: 'T' }).execute()
  await setKeys(services(), 'ben', [key('E')])
  isAway = true
  await setKeys(services(), 'ann', [key('D')])
  isAway = false
  told = []
  const { folder } = stack.use(await siteFolder())
  await using _site = await testSite({ databaseUrl: db.websiteUrl, folder, nodes: [config] })
  await pass(60)
  const heard = async () => {
    const rows = await db.owner.selectFrom('node_keys').select('told').execute()
    return rows.every((row) => row.told)
  }
  await vi.waitFor(async () => expect(await heard()).toBe(true), { timeout: 30_000, interval: 50 })
  expect(told.toSorted((a, b) => a.owner.localeCompare(b.owner))).toMatchObject([
    { owner: 'ann', games: ['anns'], keys: [key('D')] },
    { owner: 'ben', keys: [key('E')] },
  ])
})
