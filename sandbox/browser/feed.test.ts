import { ServerDecoder } from '@sandlot/shared/protocol/decoder.ts'
import { Stream } from '@sandlot/shared/protocol/packed/stream.ts'
import { DELTA, FULL } from '@sandlot/shared/protocol/packed/tags.ts'
import { expect, it } from 'vitest'
import { StateFeed } from './feed.ts'

/** A feed that hears of a room's states as a connection does. */
function feedOf(first: object) {
  const feed = new StateFeed()
  const stream = new Stream(first)
  const decoder = new ServerDecoder({ tellsPatches: true })
  const hear = (kind: number, text: string) => {
    const message = decoder.decode(Uint8Array.from([kind, 0, ...Buffer.from(text, 'latin1')]))!
    if (message.t === 'full') feed.full(message.s)
    if (message.t === 'delta') feed.delta(message.s, message.d)
  }
  hear(FULL, stream.full())
  feed.settle()
  return {
    feed,
    next(state: object) {
      const { bytes } = stream.diff(state)
      stream.commit()
      hear(DELTA, bytes)
    },
  }
}

it('deltas that wait reach the worker as they were sent, whatever came after them', () => {
  const { feed, next } = feedOf({ a: 1 })
  next({ a: 1, deep: { inner: { x: 1 } } })
  next({ a: 1, deep: { inner: { x: 2 } } })
  next({ a: 1, deep: {} })
  expect(feed.value).toEqual({ a: 1, deep: {} })
  const news = feed.take()
  expect(news).toHaveLength(3)
  expect(news[0]).toEqual({ t: 'delta', d: { s: { deep: { inner: { x: 1 } } } } })
  expect(feed.take()).toEqual([])
})

it('a worker that was not asked for long hears the whole state instead of its history', () => {
  const { feed, next } = feedOf({ n: 0 })
  for (let n = 1; n < 1000; n++) next({ n })
  expect(feed.take()).toEqual([{ t: 'full', s: { n: 999 } }])
})

it('a state that the page shows stands before the room’s own, which goes on behind it', () => {
  const { feed, next } = feedOf({ count: 1 })
  feed.show({ count: 100 })
  next({ count: 2 })
  expect(feed.value).toEqual({ count: 100 })
  expect(feed.take()).toEqual([{ t: 'full', s: { count: 100 } }])
  next({ count: 3 })
  expect(feed.take()).toEqual([])
  feed.release()
  expect(feed.take()).toEqual([{ t: 'full', s: { count: 3 } }])
  feed.release()
  expect(feed.take()).toEqual([])
})

it('a delta of which nobody tells the patch brings the worker the whole state', () => {
  const feed = new StateFeed()
  feed.full({ count: 1 })
  feed.settle()
  feed.delta({ count: 2 }, undefined)
  expect(feed.take()).toEqual([{ t: 'full', s: { count: 2 } }])
})
