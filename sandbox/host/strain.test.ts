import { describe, expect, it } from 'vitest'
import { Strain, schedule } from './strain.ts'

describe('strain', () => {
  /** A process that runs `ranMs` and waits `waitedMs` between two looks. */
  function machine() {
    const total = { ranMs: 100, waitedMs: 0 }
    let nowMs = 0
    const strain = new Strain(() => ({ ...total }))
    return (ranMs: number, waitedMs: number) => {
      total.ranMs += ranMs
      total.waitedMs += waitedMs
      nowMs += 1_000
      return strain.factor(nowMs)
    }
  }

  it('[FR10] is 1 for a process that gets a processor whenever it wants one, and as much more as it waits', () => {
    const pass = machine()
    expect(pass(0, 0)).toBe(1)
    expect(pass(200, 0)).toBe(1)
    expect(pass(150, 200)).toBe(2)
    expect(pass(100, 10_000)).toBe(3)
  })

  it('is next to nothing for a process that does next to nothing and waits as little', () => {
    const pass = machine()
    pass(0, 0)
    expect(pass(5, 5)).toBeLessThan(1.2)
  })

  it('is known from the first look on: how the process fared since its start', () => {
    expect(new Strain(() => ({ ranMs: 100, waitedMs: 50 })).factor(0)).toBeCloseTo(1 + 50 / 150)
  })

  it('is forgotten in a few seconds', () => {
    const pass = machine()
    pass(0, 0)
    expect(pass(100, 500)).toBe(3)
    expect(pass(100, 0)).toBe(2)
    for (let i = 0; i < 6; i++) pass(100, 0)
    expect(pass(100, 0)).toBeLessThan(1.05)
  })

  it('is 1 on a system that does not tell', () => {
    const strain = new Strain(() => undefined)
    expect([strain.factor(0), strain.factor(1_000), strain.factor(2_000)]).toEqual([1, 1, 1])
  })

  it.runIf(process.platform === 'linux')('is measured from what the kernel says of this process', () => {
    const before = schedule()!
    expect(before.waitedMs).toBeGreaterThanOrEqual(0)
    let now = before
    for (const endMs = performance.now() + 10_000; now.ranMs < before.ranMs + 20 && performance.now() < endMs; )
      now = schedule()!
    expect(now.ranMs).toBeGreaterThanOrEqual(before.ranMs + 20)
    expect(schedule(2 ** 30)).toBeUndefined()
  })
})
