// What a player may say, and what not (SPEC LM1, LM2).
import { expect, it } from 'vitest'
import { MAX_CLIENT_MESSAGE_BYTES } from '../limits.ts'
import { decodeClientMessage, encode, isAction, problemMessage } from './codec.ts'
import type { Json } from './messages.ts'

const act = (data: string) => decodeClientMessage(`{"t":"act","a":"x","d":${data}}`)
const nested = (levels: number) => `${'['.repeat(levels)}${']'.repeat(levels)}`

it('[LM2] data of an action is plain JSON of finite numbers, at most 16 deep, without __proto__', () => {
  for (const bad of [
    '1e309',
    '[-1e999]',
    '{"a":1e400}',
    'NaN',
    'Infinity',
    '0x10',
    '01',
    nested(18),
    nested(7_000),
    '{"__proto__":{}}',
    '[{"a":{"__proto__":1}}]',
    '"\n"',
    '{"a":1,}',
    '',
    'undefined',
  ])
    expect([bad.slice(0, 30), act(bad)]).toEqual([bad.slice(0, 30), undefined]) // prettier-ignore
  for (const good of [
    '1e308',
    '-0',
    '9007199254740993',
    '5e-324',
    nested(16),
    '{"constructor":1,"prototype":2}',
    '"\\ud800"',
    '"\u202e🎈"',
    'null',
    '{"":0}',
  ])
    expect([good, act(good)]).toEqual([good, { t: 'act', a: 'x', d: JSON.parse(good) }]) // prettier-ignore
})

it('[LM2] of a key that comes twice the last counts, and unknown fields are left out', () => {
  expect(decodeClientMessage('{"t":"act","t":"leave","more":1}')).toEqual({ t: 'leave' })
  expect(decodeClientMessage('{"t":"hello","v":1,"admin":true}')).toEqual({ t: 'hello', v: 1 })
})

it('[LM2] wrong types are malformed', () => {
  for (const bad of [
    '[]',
    '1',
    '"act"',
    'null',
    '{}',
    '{"t":1}',
    '{"t":"act"}',
    '{"t":"act","a":1}',
    `{"t":"act","a":"${'a'.repeat(65)}"}`,
    '{"t":"hello"}',
    '{"t":"hello","v":"1"}',
    '{"t":"hello","v":1.5}',
    '{"t":"hello","v":1,"ticket":{}}',
    '{"t":"hello","v":1,"name":["a"]}',
    '{"t":"toString"}',
    '{"t":"__proto__"}',
  ])
    expect([bad.slice(0, 30), decodeClientMessage(bad)]).toEqual([bad.slice(0, 30), undefined]) // prettier-ignore
})

it('a page sends no action that the host would close it for', () => {
  const cases: [Json, boolean][] = [
    [{ dx: 1 }, true],
    [JSON.parse(nested(16)), true],
    [JSON.parse(nested(17)), false],
    [JSON.parse('{"__proto__":1}'), false],
    ['x'.repeat(MAX_CLIENT_MESSAGE_BYTES - 40), true],
    ['x'.repeat(MAX_CLIENT_MESSAGE_BYTES), false],
    ['ü'.repeat(MAX_CLIENT_MESSAGE_BYTES / 2), false], // fewer characters than bytes
  ]
  for (const [data, good] of cases) expect(isAction('x', data)).toBe(good)
  expect(isAction('x'.repeat(65), null)).toBe(false)
})

it('[LM2] pings, signals and whether a game stands still are read as they are, and nothing else of them', () => {
  const good = [
    { t: 'ping', n: 7 },
    { t: 'away', away: true },
    { t: 'signal', to: 'p1', d: 'x'.repeat(8_000) },
  ]
  for (const message of good) expect(decodeClientMessage(JSON.stringify({ ...message, more: 1 }))).toEqual(message)
  for (const bad of [
    { t: 'ping' },
    { t: 'ping', n: 1.5 },
    { t: 'away', away: 1 },
    { t: 'signal', to: 'p1' },
    { t: 'signal', to: { id: 'p1' }, d: 'x' },
    { t: 'signal', to: 'p'.repeat(65), d: 'x' },
    { t: 'signal', to: 'p1', d: 'x'.repeat(8_001) },
  ])
    expect([bad, decodeClientMessage(JSON.stringify(bad))]).toEqual([bad, undefined]) // prettier-ignore
})

const BUILD = '0123456789abcdef0123456789abcdef'

it('[MB2] a mistake of client code is short, and names a build and a place that there can be', () => {
  const told = { t: 'problem', build: BUILD, message: 'boom' }
  for (const good of [
    told,
    { ...told, message: '' },
    { ...told, message: 'x'.repeat(500), file: 'parts/my ship.ts', line: 9_999_999 },
    { ...told, file: 'client.js' },
  ])
    expect(decodeClientMessage(JSON.stringify({ ...good, stack: 'at x' }))).toEqual(good)
  for (const bad of [
    { t: 'problem' },
    { ...told, message: 7 },
    { ...told, message: 'x'.repeat(501) },
    { ...told, build: 'latest' },
    { ...told, build: `${BUILD}0` },
    { ...told, build: [BUILD] },
    { ...told, file: ['client.js'] },
    { ...told, file: `${'x'.repeat(200)}.js` },
    { ...told, file: 'https://evil.example/x.js' },
    { ...told, file: '../../etc/passwd' },
    { ...told, file: '\u001b[2J.js' },
    { ...told, line: 0 },
    { ...told, line: 1.5 },
    { ...told, line: '3' },
    { ...told, line: 1e9 },
  ])
    expect([bad, decodeClientMessage(JSON.stringify(bad))]).toEqual([bad, undefined]) // prettier-ignore
})

it('[MB2] whatever a page’s code throws, the page tells no more of it than its host takes', () => {
  const places = [
    {},
    { file: 'client.js', line: 3 },
    { file: '%E0%A4%A.js', line: 3 },
    { file: `${'x'.repeat(300)}.js`, line: 3 },
    { file: 'client.js', line: 1e12 },
    { line: 5 },
  ]
  for (const message of ['', 'boom', 'x'.repeat(2_000), `${'x'.repeat(499)}🎈`, '\u0000\n\ud800'])
    for (const place of places) {
      const told = problemMessage(BUILD, { message, ...place, column: 1, stack: 'at x' })
      expect(decodeClientMessage(encode(told))).toEqual(told)
    }
  expect(problemMessage(BUILD, { message: 'boom', file: 'client.js', line: 3 })).toEqual({
    t: 'problem',
    build: BUILD,
    message: 'boom',
    file: 'client.js',
    line: 3,
  })
})
