import { expect, it } from 'vitest'
import { latencyText } from './latency.ts'

it('says how far the server and directly connected players are, as far as it is known', () => {
  expect(latencyText({ roomMs: null, peersMs: null, peers: 0 })).toBe('')
  expect(latencyText({ roomMs: 12.4, peersMs: null, peers: 0 })).toBe('Server: 12 ms')
  expect(latencyText({ roomMs: 0.2, peersMs: null, peers: 1 })).toBe('Server: 1 ms, direct connection to 1 player')
  expect(latencyText({ roomMs: 12, peersMs: 3.3, peers: 2 })).toBe(
    'Server: 12 ms, direct connection to 2 players: 3 ms',
  )
})
