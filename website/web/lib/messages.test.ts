import { describe, expect, it } from 'vitest'
import { isReady } from './messages.ts'

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
