import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { Restarts } from './restarts.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

it('a frozen game is started anew after a second, three times and no more', () => {
  const restarts = new Restarts([1_000, 1_000, 1_000])
  const start = vi.fn()
  expect([1, 2, 3, 4].map((i) => restarts.frozen(i * 7_000, start))).toEqual(['1 of 3', '2 of 3', '3 of 3', undefined])
  vi.advanceTimersByTime(999)
  expect(start).not.toHaveBeenCalled()
  vi.advanceTimersByTime(1)
  expect(start).toHaveBeenCalledTimes(3)
})

it('a minute of play, or new code, gives all of them back', () => {
  const restarts = new Restarts([1_000, 1_000, 1_000])
  for (let i = 0; i < 4; i++) restarts.frozen(i, () => {})
  expect(restarts.frozen(70_000, () => {})).toBe('1 of 3')
  for (let i = 0; i < 4; i++) restarts.frozen(70_001, () => {})
  restarts.cancel({ fresh: true })
  expect(restarts.frozen(70_002, () => {})).toBe('1 of 3')
})

it('a restart that somebody was faster than does not come', () => {
  const restarts = new Restarts([1_000, 1_000, 1_000])
  const start = vi.fn()
  restarts.frozen(0, start)
  restarts.cancel({ fresh: false })
  vi.advanceTimersByTime(5_000)
  expect(start).not.toHaveBeenCalled()
})

it('the pauses are those that were asked for', () => {
  const restarts = new Restarts([1_000, 5_000])
  const start = vi.fn()
  for (const [pauseMs, which] of [
    [1_000, '1 of 2'],
    [5_000, '2 of 2'],
  ] as const) {
    start.mockClear()
    expect(restarts.frozen(0, start)).toBe(which)
    vi.advanceTimersByTime(pauseMs - 1)
    expect(start).not.toHaveBeenCalled()
    vi.advanceTimersByTime(1)
    expect(start).toHaveBeenCalledOnce()
  }
  expect(restarts.frozen(0, start)).toBeUndefined()
})
