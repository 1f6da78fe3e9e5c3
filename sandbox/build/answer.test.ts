// What the process of a build may say: it has run a creator's code, so all of it may be a lie.
import { Readable } from 'node:stream'
import { parseManifest } from '@sandlot/shared/manifest.ts'
import { describe, expect, it } from 'vitest'
import { ANSWER_MAX, readOutputs, readVerdict } from './answer.ts'
import { DISK_FULL } from './problem.ts'
import { messages, pieces } from './wire.ts'

const PATHS = new Set(['client.js', 'rules.js', 'server.js', 'assets/a.png', 'game.json'])
const manifest = (() => {
  const parsed = parseManifest('')
  if (!parsed.ok) throw new Error(parsed.message)
  return parsed.manifest
})()
const GOOD = {
  ok: true,
  manifest,
  server: { entry: 'server.js', modules: ['server.js', 'rules.js'], stateless: true },
  client: { entry: 'client.js', modules: ['client.js'] },
  sizes: [1, 2, 3, 4],
}
const BODY = Buffer.from('abbcccdddd')
const read = (change: object, body = BODY, paths: ReadonlySet<string> = PATHS) =>
  readOutputs({ head: { ...GOOD, ...change }, body }, paths)

describe('what is to become a build', () => {
  it('is the contents of modules of the game, by the places that follow from these', () => {
    const outputs = read({})
    if (!outputs.ok) throw new Error('refused')
    expect([...outputs.compiled.content].map(([path, bytes]) => [path, String(bytes)])).toEqual([
      ['files/server.js', 'a'],
      ['files/rules.js', 'bb'],
      ['client/client.js', 'ccc'],
      ['client/client.js.map', 'dddd'],
    ])
    expect(read({ server: null, sizes: [1, 9] }, BODY, new Set(['client.js']))).toMatchObject({ ok: true })
    expect(readOutputs({ head: { ok: false, problem: { message: 'no' } }, body: BODY }, PATHS)).toEqual({
      ok: false,
      problem: { message: 'no' },
    })
  })

  const server = (modules: string[]) => ({ server: { ...GOOD.server, modules } })
  it.each<[string, object]>([
    ['a path outside of the build', server(['server.js', '../../other/server.js'])],
    ['an absolute path', server(['server.js', '/etc/passwd.js'])],
    ['a module that the game does not have', server(['server.js', 'more.js'])],
    ['an asset for a module', server(['server.js', 'assets/a.png'])],
    ['game.json for a module', server(['server.js', 'game.json'])],
    ['a module twice', { ...server(['server.js', 'server.js']) }],
    ['modules that do not begin with the entry', server(['rules.js', 'server.js'])],
    ['no modules', server([])],
    ['no server for a game that has one', { server: null, sizes: [1, 9] }],
    ['another entry', { client: { entry: 'rules.js', modules: ['rules.js'] } }],
    ['fewer bytes than it says', { sizes: [1, 2, 3, 5] }],
    ['more bytes than it says', { sizes: [1, 2, 3, 3] }],
    ['a negative number of bytes', { sizes: [-1, 4, 3, 4] }],
    ['half a byte', { sizes: [0.5, 2.5, 3, 4] }],
    ['too few files', { sizes: [1, 2, 7] }],
    ['a manifest that no game can have', { manifest: { ...manifest, tickRate: 1e6 } }],
    ['an id of its own', { build: '0'.repeat(32) }],
    ['assets of its own', { assets: ['assets/b.png'] }],
    ['a problem that is too long', { ok: false, problem: { message: 'x'.repeat(2_001) } }],
    ['nothing', { ok: undefined }],
  ])('is not taken with %s', (_what, change) => {
    expect(() => read(change)).toThrow()
  })
})

it('a verdict is yes, or a problem, and nothing else', () => {
  const none = Buffer.alloc(0)
  expect(readVerdict({ head: { ok: true }, body: none })).toEqual({ ok: true })
  expect(readVerdict({ head: { ok: false, problem: { message: 'no' } }, body: none })).toMatchObject({ ok: false })
  expect(() => readVerdict({ head: { ok: false, problem: { message: DISK_FULL } }, body: none })).toThrow()
  for (const head of [{}, null, { ok: 1 }, { ok: true, more: 1 }, { ok: false }])
    expect(() => readVerdict({ head, body: none })).toThrow()
  expect(() => readVerdict({ head: { ok: true }, body: BODY })).toThrow()
})

describe('a link', () => {
  const message = (head: string, body = '', lengths = [Buffer.byteLength(head), body.length]): Buffer => {
    const numbers = Buffer.alloc(8)
    for (const [index, length] of lengths.entries()) numbers.writeUInt32BE(length, index * 4)
    return Buffer.concat([numbers, Buffer.from(head), Buffer.from(body)])
  }
  const all = async (bytes: Buffer, cut: number) => {
    const chunks: Buffer[] = []
    for (let at = 0; at < bytes.length; at += cut) chunks.push(bytes.subarray(at, at + cut))
    const found: unknown[] = []
    for await (const { head, body } of messages(Readable.from(chunks), ANSWER_MAX)) found.push([head, String(body)])
    return found
  }

  it.each([1, 3, 8, 1000])('carries messages, in chunks of %i bytes too', async (cut) => {
    const bytes = Buffer.concat([message('{"a":"é"}', 'xyz'), message('1'), message('"z"', 'x')])
    expect(await all(bytes, cut)).toEqual([
      [{ a: 'é' }, 'xyz'],
      [1, ''],
      ['z', 'x'],
    ])
  })

  it.each([
    ['a head that is too long', message('1', '', [ANSWER_MAX.headBytes + 1, 0])],
    ['a body that is too long', message('1', '', [1, ANSWER_MAX.bodyBytes + 1])],
    ['a head that is not JSON', message('{')],
    ['an end in the middle', message('1', 'x', [1, 2])],
  ])('throws at %s', async (_what, bytes) => {
    await expect(all(bytes, 1000)).rejects.toThrow()
  })

  it('pieces are all of the bytes', () => {
    expect(pieces(BODY, [1, 9]).map(String)).toEqual(['a', 'bbcccdddd'])
    for (const sizes of [[1], [1, 10], []]) expect(() => pieces(BODY, sizes)).toThrow()
  })
})
