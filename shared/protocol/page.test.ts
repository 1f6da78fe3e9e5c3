import { describe, expect, it } from 'vitest'
import { readPageMessage, readRuntimeMessage } from './page.ts'

const good = [
  { type: 'STATUS', status: 'playing', text: 'Playing' },
  { type: 'PLAYERS', players: [{ id: 'p1', name: 'Ada', connected: true }], me: 'p1' },
  { type: 'TITLE', title: 'Pong', width: 800, height: 600 },
  { type: 'ERROR', side: 'client', problem: { message: 'boom', file: 'client.js', line: 3, column: 1, stack: 'at x' } },
  { type: 'LOG', text: 'hello' },
  { type: 'BUILD', build: 'abc' },
  { type: 'END', result: { winner: 'p1', scores: [1, 2] } },
  { type: 'TICKET_NEEDED' },
  { type: 'ERROR', side: 'client', problem: { message: 'boom' }, code: { from: 2, lines: ['a', 'b'] } },
  { type: 'INPUT', frame: 7, keys: ['left'] },
  { type: 'STATE', frame: 7, state: { players: {} } },
  { type: 'HEARTBEAT', frame: 7 },
  {
    type: 'STATS',
    fps: 60,
    frameMs: 0.4,
    things: 3,
    sounds: 0,
    dropped: 0,
    ignored: 0,
    roomMs: 1.5,
    peersMs: null,
    peers: 0,
  },
  { type: 'PEERS', me: 'p1', host: null, players: ['p1', 'p2'] },
  { type: 'SIGNAL', player: 'p2', data: '{}' },
  { type: 'PEER_DATA', data: new Uint8Array([1, 2]) },
]
const bad: [why: string, message: unknown][] = [
  ['no object', 'READY'],
  ['null', null],
  ['an unknown type', { type: 'NAVIGATE', url: 'https://example.org' }],
  ['an unknown status', { type: 'STATUS', status: 'winning', text: '' }],
  ['a text that is an object', { type: 'LOG', text: { toString: () => 'x' } }],
  ['a text that is too long', { type: 'LOG', text: 'x'.repeat(2_001) }],
  ['too many players', { type: 'PLAYERS', players: Array(101).fill({ id: 'p', name: 'n', connected: true }), me: 'p' }],
  ['a size that is no number', { type: 'TITLE', title: 'x', width: '100%', height: 1 }],
  ['a size without end', { type: 'TITLE', title: 'x', width: Number.POSITIVE_INFINITY, height: 1 }],
  ['a problem without message', { type: 'ERROR', side: 'client', problem: {} }],
  ['a frame that is no count', { type: 'HEARTBEAT', frame: -1 }],
  ['a prototype as type', { type: '__proto__' }],
  [
    'code that is too long',
    { type: 'ERROR', side: 'client', problem: { message: '' }, code: { from: 1, lines: Array(10).fill('') } },
  ],
  ['a signal that is too long', { type: 'SIGNAL', player: 'p2', data: 'x'.repeat(8_001) }],
  ['too much for other players', { type: 'PEER_DATA', data: new Uint8Array(16_385) }],
  ['no bytes for other players', { type: 'PEER_DATA', data: [1, 2] }],
  ['a result that is no JSON', { type: 'END', result: () => 1 }],
]

describe('messages of the runtime', () => {
  it.each(good)('$type of the right shape is read as it is', (message) => {
    expect(readRuntimeMessage(message)).toEqual(message)
  })
  it.each(bad)('%s is refused', (_why, message) => {
    expect(readRuntimeMessage(message)).toBeUndefined()
  })
  it('fields that nobody asked for do not get through', () => {
    expect(readRuntimeMessage({ type: 'LOG', text: 'x', html: '<b>' })).toEqual({ type: 'LOG', text: 'x' })
  })
})

const BUILD = '0123456789abcdef0123456789abcdef'
const asked = [
  { type: 'TICKET', ticket: 'abc' },
  { type: 'PAUSE' },
  { type: 'RESUME' },
  { type: 'LEAVE' },
  { type: 'LOAD_CODE' },
  { type: 'LOAD_CODE', entry: `build/${BUILD}/client.js` },
  { type: 'LOAD_CODE', entry: `build/${BUILD}/my%20parts/client.ts` },
  { type: 'PLAYER_INPUT', keys: ['left', 'space'] },
  { type: 'STATE_UPDATE', state: { a: [1, null, 'x'] } },
  { type: 'WATCH', input: true, state: false },
  { type: 'PEERS', open: ['p2'], roundTripMs: 0.4 },
  { type: 'SIGNAL', player: 'p2', data: '{}' },
  { type: 'PEER_DATA', messages: [{ from: 'p2', data: new Uint8Array([1]) }] },
]
const refused: [why: string, message: unknown][] = [
  ['no object', 7],
  ['an unknown type', { type: 'EVAL', code: '1' }],
  ['a ticket that is no text', { type: 'TICKET', ticket: {} }],
  ['a ticket that is too long', { type: 'TICKET', ticket: 'x'.repeat(2_001) }],
  ['code from elsewhere', { type: 'LOAD_CODE', entry: 'https://evil.example/client.js' }],
  ['code as a blob', { type: 'LOAD_CODE', entry: 'blob:null/1' }],
  ['code outside the build', { type: 'LOAD_CODE', entry: `build/${BUILD}/../../x.js` }],
  ['code without a build', { type: 'LOAD_CODE', entry: '/client.js' }],
  ['too many keys', { type: 'PLAYER_INPUT', keys: Array(65).fill('left') }],
  ['more connections than there may be', { type: 'PEERS', open: Array(33).fill('p'), roundTripMs: null }],
  ['a time that is none', { type: 'PEERS', open: [], roundTripMs: Number.NaN }],
  ['what others never said', { type: 'PEER_DATA', messages: [{ from: 'p2', data: 'x' }] }],
  ['too much from others', { type: 'PEER_DATA', messages: [{ from: 'p2', data: new Uint8Array(16_385) }] }],
  ['a state that is no JSON', { type: 'STATE_UPDATE', state: new Map() }],
]

describe('messages of the page', () => {
  it.each(asked)('$type of the right shape is read as it is', (message) => {
    expect(readPageMessage(message)).toEqual(message)
  })
  it.each(refused)('%s is refused', (_why, message) => {
    expect(readPageMessage(message)).toBeUndefined()
  })
})
