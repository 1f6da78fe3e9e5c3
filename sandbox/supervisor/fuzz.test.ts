// 10,000 malformed calls at the control door, most with a good token: a website that has been taken over knows it.
import { lstatSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createGame } from '@sandlot/shared/contract.ts'
import { newRoomId } from '@sandlot/shared/random-ids.ts'
import {
  type Call,
  digest,
  type Inputs,
  malformedCalls,
  seedFrom,
  sendAll,
  tally,
} from '@sandlot/shared/testing/fuzz.ts'
import fc from 'fast-check'
import { expect, it, vi } from 'vitest'
import { controlRouter } from './router.ts'
import { TOKEN, testNode } from './testing/node.ts'
import { until } from './testing/until.ts'

vi.setConfig({ testTimeout: 180_000 }) // some 10 s on an idle machine

const SEED = 'SANDLOT_FUZZ_SEED' // set it to the number that a failed run has printed
const CALLS = 10_000
const STRANGERS = 500 // without a token

/** Every file and folder of a node, with its content, as one short text. */
function tree(folder: string): string {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  expect(names.length).toBeGreaterThan(10)
  return digest(
    names.map((name) => {
      const path = join(folder, name)
      return `${name} ${lstatSync(path).isFile() ? readFileSync(path, 'base64') : ''}`
    }),
  )
}

// About a game that is not there; only `create` names one that is, and must not touch it.
const game = 'nobody-has-this'
const file = { game, path: 'assets/a.js' }
const hash = 'a'.repeat(64)
const room = newRoomId()
const INPUTS: Inputs = {
  'games.create': { type: 'mutation', input: { game: 'hello', owner: 'u1', template: 'pong', title: 'Mine now' } },
  'games.remove': { type: 'mutation', input: { game } },
  'games.start': { type: 'mutation', input: { game } },
  'games.stop': { type: 'mutation', input: { game } },
  'games.list': { type: 'query', input: undefined },
  'games.status': { type: 'query', input: { game } },
  'rooms.ensure': { type: 'mutation', input: { game, room } },
  'rooms.close': { type: 'mutation', input: { game, room } },
  'files.list': { type: 'query', input: { game } },
  'files.read': { type: 'query', input: file },
  'files.write': { type: 'mutation', input: { ...file, content: 'x', encoding: 'utf8', replaces: null } },
  'files.remove': { type: 'mutation', input: { ...file, replaces: hash } },
  'sftp.info': { type: 'query', input: { game } },
  'sftp.setKeys': {
    type: 'mutation',
    input: { owner: 'u1', games: [game], keys: ['ssh-ed25519 AAAA a@b'], version: 1 },
  },
}

/** A damaged call can be a good one for another new game, and that one would be made. */
function makesGame({ path, body }: Call): boolean {
  if (!/games\.create/.test(path)) return false
  try {
    const parsed = createGame.safeParse(JSON.parse(String(body)))
    return parsed.success && parsed.data.game !== 'hello'
  } catch {
    return false
  }
}

it('no malformed call is answered with 500 or changes a file, and an honest one works before and after', async () => {
  await using node = await testNode({ settings: { CONTROL_CALLS_PER_SECOND: '1000000' } })
  expect(Object.keys(INPUTS).sort()).toEqual(Object.keys(controlRouter._def.procedures).sort())
  await node.game('hello')
  await until('the first build and its report', () => node.bridge.builds.length === 1)
  await until('nothing to report', () => readFileSync(join(node.data, 'reports.jsonl'), 'utf8') === '')
  const before = tree(node.data)

  const seed = seedFrom(SEED)
  const good = malformedCalls(INPUTS, { authorization: `Bearer ${TOKEN}` }).filter((call) => !makesGame(call))
  const known = tally()
  const unknown = tally()
  const startedMs = performance.now()
  await sendAll(node.controlUrl, fc.sample(good, { seed, numRuns: CALLS }), known.hear)
  await sendAll(node.controlUrl, fc.sample(malformedCalls(INPUTS, {}), { seed, numRuns: STRANGERS }), unknown.hear)
  const tookMs = Math.round(performance.now() - startedMs)
  process.stdout.write(
    `control fuzz: ${SEED}=${seed}, ${tookMs} ms, ${JSON.stringify([known.counts, unknown.counts])}\n`,
  )
  expect([...known.bad, ...unknown.bad].slice(0, 10)).toEqual([])
  expect(tree(node.data)).toBe(before)
  for (const status of [200, 400, 404, 405, 415]) expect(known.counts[status], String(status)).toBeGreaterThan(20)
  expect(Object.keys(unknown.counts).every((status) => Number(status) >= 400 || status === '0')).toBe(true)
  expect(await node.control.rooms.ensure.mutate({ game: 'hello', room })).toEqual({ ok: true })
})
