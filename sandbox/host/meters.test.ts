import { DEFAULT_BUDGETS } from '@sandlot/shared/budgets.ts'
import { expect, it } from 'vitest'
import { Meters } from './meters.ts'
import { newTraffic } from './traffic.ts'
import { Usages } from './usage.ts'

it('the terminal shows used/limit of every budget while somebody plays, and at once what a limit stopped', () => {
  const lines: string[] = []
  const meters = new Meters((line) => lines.push(line))
  const none = newTraffic()
  const usages = new Usages(DEFAULT_BUDGETS)
  meters.show(usages.report(0), none)
  expect(lines).toEqual([])
  usages.note('players', 2)
  usages.note('stateBytes', 2_048)
  meters.show(usages.report(1_000), none)
  expect(lines).toHaveLength(1)
  expect(lines[0]).toMatch(
    /^Used\/limit: rooms 0\/500, players 2\/5000, .*CPU of a room 0\/200 ms\/s.*state of a room 2\/1024 KiB/,
  )
  usages.over('stateBytes', 3)
  meters.show(usages.report(2_000), none)
  expect(lines[1]).toBe('Over its limit: state of a room 2/1024 KiB (over 3 times)')
  meters.show(usages.report(3_000), none)
  expect(lines).toHaveLength(2)
})

it('[LM9] the terminal shows who was turned away and why, once, and nothing of what happens to honest players', () => {
  const lines: string[] = []
  const meters = new Meters((line) => lines.push(line))
  const usage = new Usages(DEFAULT_BUDGETS).report(0)
  meters.show(usage, { ...newTraffic(), closed: { 'room-ended': 9, replaced: 1 }, refused: { 'host-stopping': 1 } })
  expect(lines).toEqual([])
  const refused = { 'wrong-origin': 2, 'too-many-connections': 7 } as const
  const turnedAway = { ...newTraffic(), closed: { 'too-fast': 3 }, refused, lagged: 1 }
  meters.show(usage, turnedAway)
  meters.show(usage, turnedAway)
  expect(lines).toEqual([
    'Turned away: too many connections of an address 7×, sent too much 3×, came from another site 2×, skipped states because of a slow line 1×',
  ])
})
