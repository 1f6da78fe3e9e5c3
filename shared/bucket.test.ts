import { describe, expect, it } from 'vitest'
import { Bucket } from './bucket.ts'

describe('a bucket', () => {
  const takes = (bucket: Bucket, nowMs: number, times: number) =>
    Array.from({ length: times }, () => bucket.take(nowMs))

  it('lets a burst through, then so many a second', () => {
    const bucket = new Bucket(10, 3)
    expect(takes(bucket, 1_000, 4)).toEqual([true, true, true, false])
    expect(takes(bucket, 1_100, 2)).toEqual([true, false])
    expect(takes(bucket, 9_000, 4)).toEqual([true, true, true, false])
  })

  it('adds up parts of a token, however often it is asked meanwhile', () => {
    const bucket = new Bucket(2, 1)
    expect(bucket.take(0)).toBe(true)
    for (const nowMs of [125, 250, 375]) expect(bucket.take(nowMs)).toBe(false)
    expect(takes(bucket, 500, 2)).toEqual([true, false])
  })

  it('gives several at once or none: what is too much costs nothing', () => {
    const bucket = new Bucket(100, 50)
    expect(bucket.take(0, 51)).toBe(false)
    expect(bucket.take(0, 50)).toBe(true)
    expect(bucket.take(100, 11)).toBe(false)
    expect(bucket.take(100, 10)).toBe(true)
  })

  it('is full at first, and again when all has come back', () => {
    const bucket = new Bucket(10, 5)
    expect(bucket.isFull(0)).toBe(true)
    bucket.take(0, 5)
    expect(bucket.isFull(400)).toBe(false)
    expect(bucket.isFull(500)).toBe(true)
    expect(takes(bucket, 500, 6)).toEqual([true, true, true, true, true, false])
  })

  it('whose clock does not begin at 0 is not fuller for that', () => {
    const bucket = new Bucket(1_000, 2)
    expect(takes(bucket, 1e12, 3)).toEqual([true, true, false])
  })
})
