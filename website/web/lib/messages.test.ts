import { describe, expect, it } from 'vitest'
import { isReady, readRuntimeMessage } from './messages.ts'

const good = [
  { type: 'STATUS', status: 'playing', text: 'Playing' },
  { type: 'PLAYERS', players: [{ id: 'p1', name: 'Ada', connected: true }], me: 'p1' },
  { type: 'TITLE', title: 'Pong', width: 800, height: 600 },
  { type: 'ERROR', side: 'client', problem: { message: 'boom', file: 'client.js', line: 3, column: 1, stack: 'at x' } },
  { type: 'LOG', text: 'hello' },
  { type: 'BUILD', build: 'abc' },
  { type: 'END', result: { winner: 'p1', scores: [1, 2] } },
  { type: 'TICKET_NEEDED' },
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

describe('READY', () => {
  const port = new MessageChannel().port1
  const event = { data: { type: 'READY' }, origin: 'null', ports: [port] }

  it('counts with one port from an opaque origin', () => expect(isReady(event)).toBe(true))
  it('does not count without a port', () => expect(isReady({ ...event, ports: [] })).toBe(false))
  it('does not count with two ports', () => expect(isReady({ ...event, ports: [port, port] })).toBe(false))
  it('does not count from a document that has an origin', () =>
    expect(isReady({ ...event, origin: 'http://localhost' })).toBe(false))
  it('does not count when it is another message', () => expect(isReady({ ...event, data: { type: 'X' } })).toBe(false))
})
