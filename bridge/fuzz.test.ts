// 10,000 malformed calls at the bridge, most with a good token: a node that has been taken over knows its own.
import { newReportKey, newRoomId } from '@sandlot/shared/random-ids.ts'
import { anyCharacter } from '@sandlot/shared/testing/any-character.ts'
import {
  type Call,
  digest,
  type Inputs,
  malformedCalls,
  seedFrom,
  sendAll,
  tally,
} from '@sandlot/shared/testing/fuzz.ts'
import { type TestDatabase, testDatabase } from '@sandlot/website/testing/postgres.ts'
import fc from 'fast-check'
import { sql } from 'kysely'
import { expect, it, vi } from 'vitest'
import { bridgeRouter } from './router.ts'
import { client, seed, stamp, TOKENS, testBridge } from './testing/bridge.ts'

vi.setConfig({ testTimeout: 180_000 }) // some 10 s on an idle machine

const SEED = 'SANDLOT_FUZZ_SEED' // set it to the number that a failed run has printed
const CALLS = 10_000
const STRANGERS = 500 // without a token

/** All rows of all tables, as one short text. */
async function rows(db: TestDatabase): Promise<string> {
  const tables = await sql<{ name: string }>`
    select relname as name from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r'`.execute(
    db.owner,
  )
  const all: string[] = []
  for (const { name } of tables.rows) {
    const { rows } = await sql<{ row: string }>`select t::text as row from ${sql.table(name)} t`.execute(db.owner)
    all.push(...rows.map(({ row }) => `${name} ${row}`))
  }
  expect(all.length).toBeGreaterThan(3)
  return digest(all)
}

it('no malformed call is answered with 500 or changes a row, and an honest one works before and after', async () => {
  await using db = await testDatabase()
  const { room, player } = await seed(db.owner, 'n2')
  await using bridge = await testBridge(db.bridgeUrl, { env: { BRIDGE_CALLS_PER_SECOND: '1000000' } })
  const lines = [{ room, text: 'hi', at: Date.now() }]
  const report = () => ({ key: newReportKey(), seq: Date.now() })
  // What belongs to the other node, and what nobody has.
  const inputs: Inputs = {
    'builds.report': {
      type: 'mutation',
      input: { ...report(), game: 'pong', build: 'a'.repeat(32), manifest: { players: { max: 2 } } },
    },
    'rooms.report': {
      type: 'mutation',
      input: { ...report(), room, event: { type: 'ended', reason: 'finished', result: { a: [1] } } },
    },
    'rooms.seat': { type: 'mutation', input: { ...report(), room: newRoomId(), player, event: 'joined' } },
    'store.load': { type: 'query', input: { game: 'pong' } },
    'store.set': { type: 'mutation', input: { ...report(), game: 'pong', name: 'best', value: { score: [1, 2] } } },
    'logs.append': { type: 'mutation', input: { ...report(), game: 'pong', lines } },
  }
  expect(Object.keys(inputs).sort()).toEqual(Object.keys(bridgeRouter._def.procedures).sort())
  const honest = () => client(bridge.url, TOKENS.n2).rooms.seat.mutate({ ...stamp(), room, player, event: 'joined' })
  expect(await honest()).toEqual({ ok: true, repeated: false })
  const before = await rows(db)

  const seedNumber = seedFrom(SEED)
  const good = fc.sample(malformedCalls(inputs, { authorization: `Bearer ${TOKENS.n1}` }), {
    seed: seedNumber,
    numRuns: CALLS,
  })
  const strange = fc.sample(malformedCalls(inputs, {}), { seed: seedNumber + 1, numRuns: STRANGERS })
  const known = tally()
  const unknown = tally()
  const startedMs = performance.now()
  await sendAll(bridge.url, good as Call[], known.hear)
  await sendAll(bridge.url, strange as Call[], unknown.hear)
  const tookMs = Math.round(performance.now() - startedMs)
  process.stdout.write(
    `bridge fuzz: ${SEED}=${seedNumber}, ${tookMs} ms, ${JSON.stringify([known.counts, unknown.counts])}\n`,
  )
  expect([...known.bad, ...unknown.bad].slice(0, 10)).toEqual([])
  expect(await rows(db)).toBe(before)
  expect(bridge.child.exitCode).toBe(null)
  for (const status of [200, 400, 404, 405, 415]) expect(known.counts[status], String(status)).toBeGreaterThan(20)
  expect(Object.keys(unknown.counts).every((status) => Number(status) >= 400 || status === '0')).toBe(true)
  expect(await honest()).toEqual({ ok: true, repeated: false })
})

it('whatever text or JSON the schema lets through, the database takes or the bridge refuses in words', async () => {
  await using db = await testDatabase()
  const { room } = await seed(db.owner)
  await using bridge = await testBridge(db.bridgeUrl, { env: { BRIDGE_CALLS_PER_SECOND: '1000000' } })
  const text = fc.oneof(
    fc.string({ unit: anyCharacter, maxLength: 60 }),
    fc.constantFrom('\0', '\ud800', '\udc00\ud800', '\ufffe', '\\u0000'),
  )
  const value = fc.oneof(
    fc.jsonValue({ stringUnit: anyCharacter }),
    text,
    fc.double(),
    fc.constantFrom(1e308, -0, 5e-324, { '\0': '\ud800' }),
  )
  const node = client(bridge.url, TOKENS.n1)
  const game = 'pong'
  const at = fc.double({ min: 0, max: 8.64e15, noNaN: true })
  const seedNumber = seedFrom(SEED)
  const many = <T>(arbitrary: fc.Arbitrary<T>): T[] => fc.sample(arbitrary, { seed: seedNumber, numRuns: 75 })
  const codes: Record<string, number> = {}
  const hear = async (call: Promise<{ ok: boolean }>, what: unknown) => {
    const code = await call.then(
      ({ ok }) => (ok ? 'taken' : 'refused'),
      (error) => error.data?.code ?? String(error),
    )
    codes[code] = (codes[code] ?? 0) + 1
    expect(['taken', 'refused', 'BAD_REQUEST'], `${SEED}=${seedNumber} ${JSON.stringify(what)}`).toContain(code)
  }
  for (const [name, one] of many(fc.tuple(text, value)))
    await hear(node.store.set.mutate({ ...stamp(), game, name, value: one as string }), [name, one])
  for (const [line, time] of many(fc.tuple(text, at)))
    await hear(node.logs.append.mutate({ ...stamp(), game, lines: [{ room, text: line, at: time }] }), line)
  for (const [title, description] of many(fc.tuple(text, text)))
    await hear(
      node.builds.report.mutate({ ...stamp(), game, build: 'a'.repeat(32), manifest: { title, description } }),
      title,
    )
  for (const result of many(value)) {
    await db.owner.updateTable('rooms').set({ state: 'open', end_reason: null, result: null }).execute()
    const event = { type: 'ended', reason: 'finished', result: result as string } as const
    await hear(node.rooms.report.mutate({ ...stamp(), room, event }), result)
  }
  expect(codes.taken).toBeGreaterThan(150)
  expect(await node.store.load.query({ game })).toEqual(expect.any(Array))
})
