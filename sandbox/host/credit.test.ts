import { describe, expect, it } from 'vitest'
import { Credit } from './credit.ts'

describe('a credit of CPU time', () => {
  it('lets a room that stays within its rate go on for ever', () => {
    const credit = new Credit(200, 1_000)
    for (let nowMs = 0; nowMs < 60_000; nowMs += 50) expect(credit.spend(10, nowMs)).toBe(false)
    expect(credit.readyMs).toBe(-Infinity)
  })

  it('pays for one long frame out of what was saved, and saves no more than its cap', () => {
    const credit = new Credit(200, 1_000)
    expect(credit.spend(900, 0)).toBe(false)
    expect(credit.spend(0, 60_000)).toBe(false) // a minute earns twelve times the cap
    expect(credit.spend(1_000, 60_000)).toBe(false)
    expect(credit.spend(1, 60_000)).toBe(true)
  })

  it('is ready again when the overdraft has been earned', () => {
    const credit = new Credit(200, 100)
    expect(credit.spend(300, 1_000)).toBe(true)
    expect(credit.readyMs).toBe(2_000)
    expect(credit.spend(0, 1_999)).toBe(true)
    expect(credit.spend(0, 2_000)).toBe(false)
  })
})
