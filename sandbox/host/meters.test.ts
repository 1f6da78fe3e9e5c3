import { DEFAULT_BUDGETS } from '@sandlot/shared/budgets.ts'
import { expect, it } from 'vitest'
import { Meters } from './meters.ts'
import { Usages } from './usage.ts'

it('the terminal shows used/limit of every budget while somebody plays, and at once what a limit stopped', () => {
  const lines: string[] = []
  const meters = new Meters((line) => lines.push(line))
  const usages = new Usages(DEFAULT_BUDGETS)
  meters.show(usages.report(0))
  expect(lines).toEqual([])
  usages.note('players', 2)
  usages.note('stateBytes', 2_048)
  meters.show(usages.report(1_000))
  expect(lines).toHaveLength(1)
  expect(lines[0]).toMatch(
    /^Used\/limit: rooms 0\/500, players 2\/5000, .*CPU of a room 0\/200 ms\/s.*state of a room 2\/1024 KiB/,
  )
  usages.over('stateBytes', 3)
  meters.show(usages.report(2_000))
  expect(lines[1]).toBe('Over its limit: state of a room 2/1024 KiB (over 3 times)')
  meters.show(usages.report(3_000))
  expect(lines).toHaveLength(2)
})
