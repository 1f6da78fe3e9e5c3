import { expect, it } from 'vitest'
import { StateFeed } from './feed.ts'

it('deltas that wait reach the worker as they were sent, whatever came after them', () => {
  const feed = new StateFeed()
  feed.full({ a: 1 })
  feed.settle()
  const first = { s: { deep: { inner: { x: 1 } } } }
  feed.delta(first)
  feed.delta({ p: { deep: { p: { inner: { s: { x: 2 } } } } } })
  feed.delta({ p: { deep: { d: ['inner'] } } })
  expect(feed.value).toEqual({ a: 1, deep: {} })
  const news = feed.take()
  expect(news).toHaveLength(3)
  expect(news[0]).toEqual({ t: 'delta', d: { s: { deep: { inner: { x: 1 } } } } })
  expect(feed.take()).toEqual([])
})

it('a worker that was not asked for long hears the whole state instead of its history', () => {
  const feed = new StateFeed()
  feed.full({ n: 0 })
  feed.settle()
  for (let n = 1; n < 1000; n++) feed.delta({ s: { n } })
  expect(feed.take()).toEqual([{ t: 'full', s: { n: 999 } }])
})

it('a state that the page shows stands before the room’s own, which goes on behind it', () => {
  const feed = new StateFeed()
  feed.full({ count: 1 })
  feed.take()
  feed.show({ count: 100 })
  feed.delta({ s: { count: 2 } })
  expect(feed.value).toEqual({ count: 100 })
  expect(feed.take()).toEqual([{ t: 'full', s: { count: 100 } }])
  feed.delta({ s: { count: 3 } })
  expect(feed.take()).toEqual([])
  feed.release()
  expect(feed.take()).toEqual([{ t: 'full', s: { count: 3 } }])
  feed.release()
  expect(feed.take()).toEqual([])
})
